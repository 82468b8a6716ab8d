package csvio

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// failedTable returns failed.csv of a table, as it is written.
func failedTable(t rapid.TB, r *Reader) string {
	t.Helper()
	columns := ResultColumns()
	if r.Exported() {
		columns = append(columns, BaseColumn)
	}
	b := bytes.NewBufferString(MarkUTF8)
	w := NewResultWriter(b, r.FailedHeader(), columns)
	for {
		rec, err := r.Read()
		if err != nil {
			break
		}
		results := make([]string, len(columns))
		if r.Exported() {
			results[len(results)-1] = r.Base()
		}
		if err := w.Write(r.FailedCells(rec.Cells), results); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// fieldsOf returns the fields of each row, with ids as ParseID returns them.
func fieldsOf(t rapid.TB, text string, o Options) (rows []string) {
	t.Helper()
	r, err := NewReader(strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := r.Read(); err != nil {
			return rows
		}
		var says []string
		for _, c := range o.Vocabulary.Columns {
			text := r.Value(c.Field)
			if id, err := ParseID(text); c.IDs && err == nil {
				text = id
			}
			says = append(says, text)
		}
		rows = append(rows, strings.Join(says, "|"))
	}
}

// failed.csv without flags has the same fields as the input with its flags. It has them with the old flags too, unless
// another column got the name in a flag. failed.csv of failed.csv has them as well.
func TestFailedRowsAreReadWithoutFlags(t *testing.T) {
	t.Parallel()
	const latin1 = "\xfc" // ü
	for name, tt := range map[string]struct {
		text string
		o    Options
		head string
	}{
		"--map": {
			"Opportunity ID,Who,role\n7,zcrm_8,Buyer\n",
			Options{Map: map[Field]string{DealID: "Opportunity ID", ContactID: "Who"}}, "deal_id,contact_id,role",
		},
		"--map beside columns of those names": {
			"Opportunity ID,deal_id,Deal Id,contact_id,role\n7,1,2,8,Buyer\n",
			Options{Map: map[Field]string{DealID: "Opportunity ID"}},
			"deal_id,deal_id (not read),Deal Id (not read),contact_id,role",
		},
		"--map of a column with another field's name": {
			"role,contact_id,title\n7,8,Buyer\n", Options{Map: map[Field]string{DealID: "role", Role: "title"}},
			"deal_id,contact_id,role",
		},
		"--encoding": {
			"deal_id;contact_id;role\n7;8;K" + latin1 + "ufer\n", Options{Encoding: "windows-1252"},
			"deal_id,contact_id,role",
		},
		"names of Zoho's": {"Record Id,Contact Name.id,Role Name\nzcrm_7,8,Buyer\n", Options{},
			"Record Id,Contact Name.id,Role Name"},
	} {
		o := tt.o
		o.Vocabulary = Stakeholders()
		want := fieldsOf(t, tt.text, o)
		r, err := NewReader(strings.NewReader(tt.text), o)
		if err != nil {
			t.Fatal(err)
		}
		again := failedTable(t, r)
		if head, _, _ := strings.Cut(strings.TrimPrefix(again, MarkUTF8), ",rc_row"); head != tt.head {
			t.Errorf("%s: the header is %s", name, head)
		}
		if !strings.Contains(again, "zcrm_7") || !strings.Contains(again, "zcrm_8") {
			t.Errorf("%s: ids without zcrm_:\n%s", name, again)
		}
		for round := range 3 {
			for _, o := range []Options{{Vocabulary: Stakeholders()}, o} {
				if o.Map[DealID] == "role" {
					continue // another column is called so now: the old flag names that one
				}
				if d := cmp.Diff(want, fieldsOf(t, again, o)); d != "" {
					t.Errorf("%s, round %d (-first +again):\n%s", name, round, d)
				}
			}
			r, err := NewReader(strings.NewReader(again), Options{Vocabulary: Stakeholders()})
			if err != nil {
				t.Fatal(err)
			}
			again = failedTable(t, r)
		}
	}
}

// failed.csv of any export, in any format, has the same fields, counts as an export, and has no formula in its texts.
func TestFailedRowsOfAnExport(t *testing.T) {
	t.Parallel()
	columns := []Column{
		{Name: "deal_id", Kind: IDColumn}, {Name: "contact_id", Kind: IDColumn}, {Name: "role"},
		{Name: "role_id", Kind: IDColumn}, {Name: BaseColumn},
	}
	for _, format := range formats() {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				role := rapid.OneOf(roleName(), rapid.SampledFrom([]string{"-1", "-1e5"})).Draw(rt, "role")
				text := string(written(t, columns, TableOptions{Format: format}, texts("7", "8", role, "9", "0ab")))
				o := Options{Vocabulary: Stakeholders()}
				want := fieldsOf(rt, text, o)
				for round := range 2 {
					r, err := NewReader(strings.NewReader(text), o)
					if err != nil {
						rt.Fatal(err)
					}
					text = failedTable(rt, r)
					if d := cmp.Diff(want, fieldsOf(rt, text, o)); d != "" {
						rt.Fatalf("round %d (-first +again):\n%s", round, d)
					}
					again, rec := onlyRow(rt, text)
					if !again.Exported() || again.Base() != "0ab" || runs(rec.Cells[2]) {
						rt.Fatalf("round %d: exported %v, base %q, cells %q",
							round, again.Exported(), again.Base(), rec.Cells)
					}
				}
			})
		})
	}
}

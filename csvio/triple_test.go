package csvio

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTripleTable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := NewTripleWriter(&out)
	for _, row := range []Triple{
		{DealID: "4150868000010000001", ContactID: "4150868000020000001", Role: "Buyer, or \"buyer\"", RoleID: "4150868000000006871", Action: "updated"},
		{DealID: "2", ContactID: "3", Action: "added"},
		{DealID: "2", ContactID: "4", Role: Guard("=1+1"), Action: "removed"},
		{DealID: "2", ContactID: "5", Role: " a\nb ", RoleID: "7", Action: "removed"},
	} {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := `deal_id,contact_id,role,role_id,rc_action
4150868000010000001,4150868000020000001,"Buyer, or ""buyer""",4150868000000006871,updated
2,3,,,added
2,4,'=1+1,,removed
2,5," a
b ",7,removed
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

// The header is a list of its own; it must say what the tags say, in order.
func TestTripleHeaderIsItsTags(t *testing.T) {
	t.Parallel()
	var tags []string
	for f := range reflect.TypeFor[Triple]().Fields() {
		tags = append(tags, f.Tag.Get("csv"))
	}
	var out bytes.Buffer
	if err := NewTripleWriter(&out).Close(); err != nil {
		t.Fatal(err)
	}
	if want := strings.Join(tags, ",") + "\n"; out.String() != want {
		t.Errorf("a table without rows is %q, want %q", out.String(), want)
	}
}

// More rows than are written at a time come in their order.
func TestTripleTableOfManyRows(t *testing.T) {
	t.Parallel()
	for _, n := range []int{batchRows - 1, batchRows, batchRows + 1, 3*batchRows + 7} {
		var out bytes.Buffer
		w := NewTripleWriter(&out)
		for i := range n {
			if err := w.Write(Triple{DealID: itoa(i + 1), ContactID: itoa(2*i + 1), Role: "r"}); err != nil {
				t.Fatal(err)
			}
			if i == 2*batchRows && out.Len() == 0 {
				t.Error("nothing was written of two batches: a table is not to be held in memory")
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		rows := rowsOf(t, out.String(), Options{Vocabulary: Stakeholders(), Needs: triple()})
		if len(rows) != n {
			t.Fatalf("%d rows, want %d", len(rows), n)
		}
		for i, rec := range rows {
			if rec.DealID != itoa(i+1) || rec.ContactID != itoa(2*i+1) || rec.Malformed != nil {
				t.Fatalf("row %d is %v", i+1, brief(rows[i:i+1]))
			}
		}
	}
}

// The error of the writer below comes at the latest with Close, and stays.
func TestTripleErrors(t *testing.T) {
	t.Parallel()
	for _, left := range []int{0, 10, 20_000, 100_000} {
		w := NewTripleWriter(&failingWriter{left: left})
		written := 0
		for ; written < 5000; written++ {
			if err := w.Write(Triple{DealID: "4150868000010000001", ContactID: "4150868000020000001", Role: "Buyer"}); err != nil {
				break
			}
		}
		if written == 5000 {
			t.Errorf("room for %d bytes: no Write of 5000 says that nothing is kept", left)
		}
		for range 2 {
			if err := w.Close(); !errors.Is(err, errFull) {
				t.Errorf("room for %d bytes: Close gives %v, want the error of the writer", left, err)
			}
		}
	}
}

// What a TripleWriter writes, a Reader reads back: ids and roles as they were, the guard aside, and no column of the action.
func TestTripleRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var want []Triple
		var out bytes.Buffer
		w := NewTripleWriter(&out)
		for range rapid.IntRange(0, 20).Draw(t, "rows") {
			row := Triple{
				DealID: rapid.StringMatching(`[1-9][0-9]{0,18}`).Draw(t, "deal"), ContactID: rapid.StringMatching(`[1-9][0-9]{0,18}`).Draw(t, "contact"),
				Role: cellText().Draw(t, "role"), RoleID: rapid.StringMatching(`([1-9][0-9]{0,18})?`).Draw(t, "role id"), Action: rapid.SampledFrom([]string{"added", "updated", "removed"}).Draw(t, "action"),
			}
			want = append(want, row)
			row.Role = Guard(row.Role)
			if err := w.Write(row); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(&out, Options{Vocabulary: Stakeholders(), Needs: triple()})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"deal_id", "contact_id", "role", "role_id"}, r.Header()); diff != "" {
			t.Fatalf("header (-want +got):\n%s", diff)
		}
		back, err := readAll(r)
		if err != nil || len(back) != len(want) {
			t.Fatalf("%d rows and error %v, want %d rows", len(back), err, len(want))
		}
		for i, rec := range back {
			got := Triple{DealID: rec.DealID, ContactID: rec.ContactID, Role: rec.Role, RoleID: rec.RoleID, Action: want[i].Action}
			if diff := cmp.Diff(want[i], got); diff != "" || rec.Malformed != nil {
				t.Fatalf("row %d, malformed %v (-want +got):\n%s", i+1, rec.Malformed, diff)
			}
		}
	})
}

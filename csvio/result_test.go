package csvio

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestResultTable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := NewResultWriter(&out, []string{"Deal Id", "note, or \"notes\""}, resultColumns())
	cells := []string{"zcrm_1", "=1+1"}
	if err := w.Write(cells, benchResult()); err != nil {
		t.Fatal(err)
	}
	cells[0], cells[1] = " '2", "a\nb" // the writer has taken a copy
	second := result(
		map[string]string{
			"rc_row":        "2",
			"rc_status":     "error",
			"rc_code":       "ID_INVALID",
			"rc_message":    Guard("=oops"),
			"rc_prior_role": "Buyer",
		},
	)
	if err := w.Write(cells, second); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := `Deal Id,"note, or ""notes""",rc_row,rc_action,rc_status,rc_code,rc_message,rc_details,rc_http,rc_attempts,rc_deal_id,rc_contact_id,rc_role_id,rc_prior_role
zcrm_1,=1+1,17,assigned,success,SUCCESS,relation added,"{""id"":4150868000020000001}",200,1,4150868000010000001,4150868000020000001,4150868000000006871,
" '2","a
b",2,,error,ID_INVALID,'=oops,,,,,,,Buyer
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestResultTableWithoutRows(t *testing.T) {
	t.Parallel()
	for _, header := range [][]string{nil, {"deal_id"}} {
		var out bytes.Buffer
		if err := NewResultWriter(&out, header, ResultColumns()).Close(); err != nil {
			t.Fatal(err)
		}
		want := strings.Join(append(header, ResultColumns()...), ",") + "\n"
		if out.String() != want {
			t.Errorf("got %q, want %q", out.String(), want)
		}
	}
}

func TestResultTableOfManyRows(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := NewResultWriter(&out, []string{"a"}, []string{"rc_row"})
	const rows = 3*batchRows + 1
	for i := range rows {
		if err := w.Write([]string{itoa(i)}, []string{itoa(i + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(all) != rows+1 {
		t.Fatalf("%d records, error %v, want %d", len(all), err, rows+1)
	}
	for i, row := range all[1:] {
		if row[0] != itoa(i) || row[1] != itoa(i+1) {
			t.Fatalf("row %d is %q", i, row)
		}
	}
}

// A batch of long cells ends before it has 256 rows.
func TestResultBatchIsBounded(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := NewResultWriter(&out, []string{"a"}, []string{"rc_row"})
	cell := []string{strings.Repeat("x", batchBytes/4)}
	for range 4 {
		if err := w.Write(cell, []string{""}); err != nil {
			t.Fatal(err)
		}
	}
	if out.Len() < batchBytes {
		t.Errorf("%d bytes written after %d bytes of cells", out.Len(), batchBytes)
	}
}

type failingWriter struct{ left int }

var errFull = errors.New("disk full")

func (f *failingWriter) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestResultErrors(t *testing.T) {
	t.Parallel()
	for _, left := range []int{0, 100, 20_000, 100_000} {
		w := NewResultWriter(&failingWriter{left: left}, []string{"a"}, resultColumns())
		for range 5000 {
			if err := w.Write([]string{"x"}, benchResult()); err != nil {
				break
			}
		}
		for range 2 {
			if err := w.Close(); !errors.Is(err, errFull) {
				t.Errorf("room for %d bytes: Close gives %v, want the error of the writer", left, err)
			}
		}
	}
	w := NewResultWriter(&bytes.Buffer{}, []string{"a", "b"}, []string{"rc_row"})
	if err := w.Write([]string{"1"}, []string{"1"}); err == nil ||
		!strings.Contains(err.Error(), "result 1: 1 cells and 1 results") {
		t.Errorf("too few cells: %v", err)
	}
	if err := w.Write([]string{"1", "2"}, nil); err == nil ||
		!strings.Contains(err.Error(), "result 2: 2 cells and 0 results") {
		t.Errorf("too few results: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Errorf("Close after a refused row: %v", err)
	}
	if err := w.Write([]string{"1", "2"}, []string{"1"}); err == nil {
		t.Error("a closed table takes rows")
	}
}

// The result table can be read, whatever text Zoho sends.
func TestResultTextIsReadable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := NewResultWriter(&out, []string{"deal_id"}, ResultColumns()[:6])
	long := strings.Repeat("\"\n", 300) + strings.Repeat("x", maxRecordBytes)
	res := []string{"1", "", "", "", "a\x00b\xffc", long}
	if err := w.Write([]string{"1"}, res); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(t, out.String(), Options{Needs: [][]Field{{DealID}}, Vocabulary: Stakeholders()})
	if len(rows) != 1 || rows[0].Malformed != nil || rows[0].DealID != "1" {
		t.Errorf("rows %v", brief(rows))
	}
	if !strings.Contains(out.String(), "a\uFFFDb\uFFFDc") {
		t.Error("the broken characters are not marked")
	}
}

// cellText makes cells that a file can hold: any text without CR (a reader
// never gives one) and NUL, often of the characters that matter.
func cellText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom(
			[]string{
				"",
				"1",
				"zcrm_4150868000010000001",
				"'",
				"=1+1",
				"a,b;c\td|e",
				" x ",
				"\n",
				`"`,
				`""`,
				"sep=;",
				"\ufeff",
				`\.`,
				"rc_x",
			},
		),
		rapid.StringOf(rapid.RuneFrom([]rune("ab \"',;\t|\n='ä😀\u00a0"))),
		rapid.Map(
			rapid.String(),
			func(s string) string { return strings.NewReplacer("\r", "", "\x00", "").Replace(s) },
		),
	)
}

// A Reader reads the same cells that a ResultWriter wrote, whatever the cells
// hold.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		others := rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y", "", "a,b", "n\nm", "\"q\"", " "}), 0, 4).
			Draw(t, "others")
		header := append([]string{"deal_id", "Contact Id", "Role"}, others...)
		rows := rapid.SliceOfN(rapid.SliceOfN(cellText(), len(header), len(header)), 0, 20).Draw(t, "rows")
		var out bytes.Buffer
		w := NewResultWriter(&out, header, resultColumns())
		for i, cells := range rows {
			res := result(
				map[string]string{
					"rc_row":     itoa(i + 1),
					"rc_message": cellText().Draw(t, "message"),
					"rc_details": cellText().Draw(t, "details"),
				},
			)
			if err := w.Write(cells, res); err != nil {
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
		back, err := readAll(r)
		if err != nil || len(back) != len(rows) {
			t.Fatalf("%d rows and error %v, want %d rows", len(back), err, len(rows))
		}
		if diff := cmp.Diff(header, r.Header()); diff != "" {
			t.Fatalf("header (-want +got):\n%s", diff)
		}
		for i, rec := range back {
			if diff := cmp.Diff(rows[i], rec.Cells); diff != "" || rec.Malformed != nil || rec.Row != i+1 {
				t.Fatalf("row %d is row %d, malformed %v (-want +got):\n%s", i+1, rec.Row, rec.Malformed, diff)
			}
		}
	})
}

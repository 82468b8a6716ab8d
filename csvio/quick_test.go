package csvio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// sameButCells reads a file for its values alone, in full, and by a vocabulary
// that is given: only Cells and Values may differ, whatever the file is, and
// Value gives what Values hold.
func sameButCells(t failer, file []byte, o Options) {
	t.Helper()
	read := func(o Options) ([]Record, string) {
		r, err := NewReader(bytes.NewReader(file), o)
		if err != nil {
			return nil, err.Error()
		}
		rows, err := readValues(r)
		if err != nil {
			return rows, err.Error()
		}
		return rows, ""
	}
	want, wantErr := read(o)
	o.ValuesOnly = true
	got, gotErr := read(o)
	for i := range want {
		want[i].Cells = nil
	}
	if diff := cmp.Diff(want, got); diff != "" || gotErr != wantErr {
		t.Fatalf("%q: error %q, want %q; rows (-in full +for values):\n%s", file, gotErr, wantErr, diff)
	}
	o.Vocabulary = stakeholders()
	if got, gotErr = read(o); gotErr != wantErr || !cmp.Equal(want, got) {
		t.Fatalf("%q: error %q, want %q; rows (-of nil +of a vocabulary):\n%s", file, gotErr, wantErr, cmp.Diff(want, got))
	}
}

// readValues is readAll with the Values that Value gives. Those that Read has
// given, when it does, must be the same.
func readValues(r *Reader) ([]Record, error) {
	var rows []Record
	for {
		rec, err := r.Read()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return rows, err
		}
		row := *rec
		row.Cells = slices.Clone(rec.Cells)
		for i, f := range stakeholders().Fields() {
			*row.all()[i] = r.Value(f)
		}
		if want := (map[bool]Values{true: row.Values})[r.fills]; rec.Values != want {
			return rows, fmt.Errorf("row %d: Values are %+v, Value gives %+v", rec.Row, rec.Values, row.Values)
		}
		rows = append(rows, row)
	}
}

// FuzzValuesOnly feeds any bytes to both ways of reading.
func FuzzValuesOnly(f *testing.F) {
	for _, seed := range []string{
		head + "1,2,a\n3,4,b\n", head + "1,\"2\n3\",a\r\n\r\n,,\n,,\n", "a;deal_id\r1;2\r3;4", "\ufeffdeal_id\tb\n\"x\"y\t1\n2\t3",
		"x,deal_id,y\n,,\n1,2\n,,1\n,\"\",\n1,,1\n", "rc_code,a,deal_id\nROW_MALFORMED,1,2\n1,ROW_MALFORMED,2\n", "deal_id\n1\n\"\"\n\n2,3\n",
		"deal_id,contact_id\n1,\"2\n", "role§deal_id\n1§2\n§\n1\n2§3", "deal_id,a\n1,\xff\n", "x,y\n1,2\n,\n,\n", "x,y,z,role\n,,,\n1,2,3,4\n,,,\n",
	} {
		f.Add([]byte(seed), "", int32(0))
		f.Add([]byte(seed), "", ',')
		f.Add([]byte(seed), "windows-1252", '§')
	}
	f.Fuzz(func(t *testing.T, file []byte, encoding string, delimiter int32) {
		sameButCells(t, file, Options{Name: "f", Encoding: encoding, Delimiter: delimiter})
	})
}

// TestValuesOnly makes tables: proper and blank rows, rows of another width,
// quotes proper and not, columns of rolecall's and of nobody's.
func TestValuesOnly(t *testing.T) {
	t.Parallel()
	names := rapid.SampledFrom([]string{"deal_id", "Deal Name", "contact_id", "Email", "Contact Name", "role", "role_id", "x", "y", "", "rc_row", "rc_code"})
	cells := rapid.SampledFrom([]string{"", "", "1", "zcrm_4150868000010000001", "Décision", `""`, `"a, b;c"`, `"1""2"`, "\"1\n2\"", "\"1\r2\"", `a"b`, `"a"b`, CodeRowMalformed, strings.Repeat("long ", 2000)})
	rapid.Check(t, func(t *rapid.T) {
		delimiter := rapid.SampledFrom([]rune{',', ';', '\t', '§'}).Draw(t, "delimiter")
		header := rapid.SliceOfNDistinct(names, 1, 8, rapid.ID).Draw(t, "header")
		lines := []string{strings.Join(header, string(delimiter))}
		for range rapid.IntRange(0, 8).Draw(t, "rows") {
			width := len(header)
			if rapid.IntRange(0, 9).Draw(t, "odd") == 0 {
				width = rapid.IntRange(1, 10).Draw(t, "width")
			}
			lines = append(lines, strings.Join(rapid.SliceOfN(cells, width, width).Draw(t, "cells"), string(delimiter)))
		}
		breaks := rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(t, "break")
		sameButCells(t, []byte(strings.Join(lines, breaks)), Options{Name: "f", Delimiter: delimiter})
	})
}

// TestValuesOnlyHandsOnFewCells tells which cells gocsv is handed: all that
// stand for a field, none before and after them, and never one alone.
func TestValuesOnlyHandsOnFewCells(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ header, row, want string }{
		{"deal_id,contact_id,role", "1,2,3", "1,2,3"},
		{"a,b,deal_id,c,role,d,e", "1,2,3,4,5,6,7", "3,4,5"},
		{"deal_id,a,b", "1,2,3", "1,2"},
		{"a,b,deal_id", "1,2,3", "2,3"},
		{"a,deal_id,b", "1,2,3", "1,2"},
		{"deal_id", "1", "1"},
		{"a,b,c", "1,2,3", "1,2"},
	} {
		cols, problem := matchHeader(strings.Split(test.header, ","), stakeholders(), nil)
		if problem != nil {
			t.Fatal(problem)
		}
		q, err := newQuickReader(',', cols)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(q.cut([]byte(test.row))); got != test.want {
			t.Errorf("%s: of %s gocsv is handed %s, want %s", test.header, test.row, got, test.want)
		}
	}
}

// TestIsBlank holds what is told from the bytes of a record against its cells.
func TestIsBlank(t *testing.T) {
	t.Parallel()
	cells := rapid.SampledFrom([]string{"", "", `""`, `""`, `""`, `""""`, `","`, `",,"`, "\"\n\"", `"a"`, "a", " ", "é"})
	rapid.Check(t, func(t *rapid.T) {
		delimiter := rapid.SampledFrom([]rune{',', ' ', 'é', 'a'}).Draw(t, "delimiter")
		raw := strings.Join(rapid.SliceOfN(cells, 1, 4).Draw(t, "cells"), string(delimiter))
		s := newSplitter(strings.NewReader(raw), nil)
		s.delimiter = []byte(string(delimiter))
		rec, err := s.next()
		if err != nil {
			return // an empty line
		}
		filled := slices.ContainsFunc(newCellReader(delimiter).read(rec), func(cell string) bool { return cell != "" })
		if got, want := isBlank(rec, s.delimiter), rec.stray == "" && !filled; got != want {
			t.Fatalf("%q under %q: blank is %v, want %v", raw, delimiter, got, want)
		}
	})
}

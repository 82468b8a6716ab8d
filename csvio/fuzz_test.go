package csvio

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzReader reads any bytes. There is no panic. Every row has the header's
// width, rows count from 1 without a gap, and lines rise. An error is a
// *FileError. A table that encoding/csv accepts has the same cells here.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		head + "1,2,a\n3,4,b\n", head + "1,\"2\n3\",a\r\n\r\n,,\n,,\n", "a;b\r1;2\r3;4", "\ufeffa\tb\n\"x\"y\t1\n2\t3",
		"sep=;\na;b\n1;2;3\n", "\"a\n", "PK\x03\x04", "\x1f\x8b\x08", "\xff\xfea\x00\n\x00",
		"a,b\n\"c\"\"d\",e\n\"f\"g,\"\n\",h\n",
		"rc_row,a\n1,2\n", "a|b\n\"\r\"|\"\r\n\"\n", "a,a\n,\n,\n1,2\n,", "\"\"\n\"\"\n1\n", "a,b\n1,\"x\n2,\"y\",3\n",
		"a, b\n 1, \"2\" \n\u200b\"3\", =\"4\"\n", "\ufeff\ufeff\"a\",b,\n1\n2,3,4,,\n \t,\n\x1a\r\n", "a\n1\x00\x00",
		"sep=;;;\na;b\n1;2\n", "<html>", "<?xml ?>", "\xff\xfea\x00\x00\x00", "\xef\xbb\xbfd\x00e\x00", "d\x00e\x00",
	} {
		f.Add([]byte(seed), "")
	}
	f.Add([]byte("a,b\n1,\x81\n"), "shift_jis")
	f.Fuzz(func(t *testing.T, file []byte, encoding string) {
		r, err := NewReader(bytes.NewReader(file), Options{Name: "f", Encoding: encoding, Vocabulary: Stakeholders()})
		if err != nil {
			wantFileError(t, err)
			return
		}
		rows, err := readAll(r)
		if err != nil {
			wantFileError(t, err)
		}
		line := 1
		for i, row := range rows {
			if len(row.Cells) != len(r.Header()) || row.Row != i+1 || row.Line <= line-1 {
				t.Fatalf("row %d: %+v after line %d under %q", i+1, row, line, r.Header())
			}
			if strings.ContainsRune(strings.Join(row.Cells, ""), '\r') && row.Malformed == nil {
				t.Fatalf("row %d has a CR: %q", i+1, row.Cells)
			}
			line = row.Line + 1
		}
		if err == nil && encoding == "" {
			compareWithEncodingCSV(t, file, r, rows)
		}
	})
}

func wantFileError(t *testing.T, err error) {
	t.Helper()
	var problem *FileError
	if !errors.As(err, &problem) || problem.File != "f" || problem.Problem == "" {
		t.Fatalf("error %#v, want a *FileError that names the file", err)
	}
}

// compareWithEncodingCSV compares plain UTF-8 tables with LF alone with the
// standard library. If encoding/csv returns no error, its cells are the same.
func compareWithEncodingCSV(t *testing.T, file []byte, r *Reader, rows []readRow) {
	t.Helper()
	if r.Empty() || r.Dialect().Compressed || !utf8.Valid(file) || bytes.ContainsAny(file, "\r\ufeff\x00") ||
		bytes.IndexByte(file, 0x1a) >= 0 || bytes.Contains(bytes.ToLower(file), []byte("sep=")) ||
		bytes.Contains(bytes.ToLower(file), []byte("rc_")) {
		return
	}
	std := csv.NewReader(bytes.NewReader(file))
	std.Comma = r.Dialect().Delimiter
	all, err := std.ReadAll()
	if err != nil {
		return
	}
	all = slices.DeleteFunc(all, areBlank)[1:]
	if len(all) != len(rows) {
		t.Fatalf("%d rows, encoding/csv sees %d", len(rows), len(all))
	}
	for i, row := range rows {
		if diff := cmp.Diff(all[i], row.Cells); diff != "" || row.Malformed != nil {
			t.Fatalf("row %d, malformed %v (-encoding/csv +got):\n%s", i+1, row.Malformed, diff)
		}
	}
}

// FuzzRows writes any lines that have neither quotes nor line breaks. Each line
// is one row, in order, whatever is between the lines.
func FuzzRows(f *testing.F) {
	f.Add("1,2,a\n,,\n3,4\n5,6,b", "\n")
	f.Add("1,2,a\n\n,,\n,,\n3,4,5,6", "\r\n")
	f.Add("x\ny\n,\n,", "\r")
	f.Fuzz(func(t *testing.T, text, ending string) {
		if ending != "\n" && ending != "\r" && ending != "\r\n" || strings.ContainsAny(text, "\"\r\x00\x1a") ||
			!utf8.ValidString(text) {
			return
		}
		var want []string
		for line := range strings.SplitSeq(text, "\n") {
			if !areBlank(strings.Split(line, ",")) {
				want = append(want, line)
			}
		}
		file := strings.ReplaceAll(head+text, "\n", ending)
		rows, err := readAll(reader(t, file, Options{Delimiter: ','}))
		if err != nil {
			var problem *FileError
			if errors.As(err, &problem) && len(text) > maxRecordBytes {
				return
			}
			t.Fatal(err)
		}
		if len(rows) != len(want) {
			t.Fatalf("%d rows, want %d: %q", len(rows), len(want), file)
		}
		for i, row := range rows {
			cells := strings.Split(want[i], ",")
			if got := len(cells) >= 3 && areBlank(cells[3:]); got != (row.Malformed == nil) {
				t.Errorf("row %q: malformed is %v", want[i], row.Malformed)
			}
			if row.Malformed == nil && !slices.Equal(row.Cells, cells[:3]) ||
				row.Malformed != nil && row.Malformed.Raw != want[i] {
				t.Errorf("row %q came out as %q, %v", want[i], row.Cells, row.Malformed)
			}
		}
	})
}

// FuzzHeader matches any header. There is no panic. A column stands for at most
// one field, and a column of rolecall's for none.
func FuzzHeader(f *testing.F) {
	f.Add("deal_id,contact_id,role", "", "")
	f.Add("Record Id,Deal Id,E-mail,rc_row", "deal_id", "Deal Id")
	f.Add("a,a,,\ufeff", "role", "a")
	f.Add("İD,K", "role_id", "k")
	f.Add("id,Role Name,position,name", "name", "name")
	f.Fuzz(func(t *testing.T, names, field, column string) {
		mapped := map[Field]string{}
		if field != "" {
			mapped[Field(field)] = column
		}
		header := strings.Split(names, ",")
		for _, known := range []*Vocabulary{Stakeholders(), roles()} {
			cols, problem := matchHeader(header, known, mapped)
			if problem != nil && (problem.Error() == "" || problem.Hint == "") {
				t.Errorf("an error that does not help: %#v", problem)
			}
			checkColumns(t, cols)
		}
	})
}

func checkColumns(t *testing.T, cols *columns) {
	t.Helper()
	owner := map[int]Field{}
	for i, f := range cols.known.Fields() {
		place := cols.at[i]
		if place < 0 {
			continue
		}
		if other, twice := owner[place]; twice {
			t.Errorf("column %d of %q stands for %s and %s", place, cols.all, other, f)
		}
		owner[place] = f
		if isOwn(cols.all[place]) {
			t.Errorf("%q is our own and stands for %s", cols.all[place], f)
		}
	}
	if own := len(cols.names()); own > len(cols.all) || (own < len(cols.all)) != cols.results() ||
		cols.results() && !cols.ours {
		t.Errorf("%d of %d columns are the input's, results %v, ours %v", own, len(cols.all), cols.results(), cols.ours)
	}
}

// FuzzParseID parses any cell. An id is 1 to 20 ASCII digits that the cell has
// in this form, without leading zeros. Any spelling of an id gives the same id.
// The error for any other cell has a code.
func FuzzParseID(f *testing.F) {
	for _, seed := range []string{
		"4150868000010000001", " zcrm_1 ", "'1", "", "4.1E+18", "1,234", "0x1f", "-1", "１", "zcrm_zcrm_1", "'''",
		"0", "zcrm_007",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		id, err := ParseID(cell)
		if err != nil {
			if id != "" || err.Message == "" ||
				err.Code != CodeIDMissing && err.Code != CodeIDInvalid && err.Code != CodeIDRounded {
				t.Errorf("ParseID(%q) = %q, %+v", cell, id, err)
			}
			return
		}
		if len(id) < 1 || len(id) > 20 || strings.Trim(id, "0123456789") != "" || !strings.Contains(cell, id) {
			t.Errorf("ParseID(%q) = %q", cell, id)
		}
		if id[0] == '0' {
			t.Errorf("ParseID(%q) = %q, which has two spellings", cell, id)
		}
		for _, spelling := range []string{"zcrm_" + id, "00" + id, "'zcrm_0" + id + " "} {
			if again, err := ParseID(spelling); again != id || err != nil {
				t.Errorf("ParseID(%q) = %q, %v", spelling, again, err)
			}
		}
	})
}

// FuzzRoundTrip: a row of any two cells is read back as it was written.
func FuzzRoundTrip(f *testing.F) {
	f.Add("1", "2", "message")
	f.Add("a\nb", "\"", "=x\r\n")
	f.Add("", "", "")
	f.Fuzz(func(t *testing.T, first, second, message string) {
		for _, cell := range []string{first, second} {
			if strings.ContainsAny(cell, "\r\x00") || !utf8.ValidString(cell) || len(cell) > maxRecordBytes {
				return
			}
		}
		var out bytes.Buffer
		w := NewResultWriter(&out, []string{"deal_id", "x"}, []string{"rc_row", "rc_message"})
		if err := w.Write([]string{first, second}, []string{"", message}); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(&out, Options{Needs: [][]Field{{DealID}}, Vocabulary: Stakeholders()})
		if err != nil {
			t.Fatal(err)
		}
		rec, err := r.Read()
		if areBlank([]string{first, second, message}) {
			if !errors.Is(err, io.EOF) {
				t.Fatalf("a blank row: %v, %v", rec, err)
			}
			return
		}
		if err != nil || rec.Malformed != nil || rec.Cells[0] != first || rec.Cells[1] != second {
			t.Fatalf("read back %+v, %v", rec, err)
		}
	})
}

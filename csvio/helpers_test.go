package csvio

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// triple is the needs of a job that assigns roles.
func triple() [][]Field {
	return [][]Field{{DealID, DealName}, {ContactID, ContactEmail, ContactName}, {Role, RoleID}}
}

// roles is the vocabulary of the role picklist.
func roles() *Vocabulary {
	return &Vocabulary{
		Columns: []KnownColumn{
			{Field: "id", Aliases: []string{"roleid", "contactroleid"}, IDs: true},
			{Field: "name", Aliases: []string{"role", "rolename", "contactrole", "contactrolename"}},
			{Field: "sequence_number", Aliases: []string{"sequencenumber", "sequence", "position"}},
		},
		Ours:  []string{"id", "name", "sequence_number"},
		Sheet: "roles",
	}
}

func reader(t testing.TB, text string, o Options) *Reader {
	t.Helper()
	r, err := NewReader(strings.NewReader(text), withVocabulary(o))
	if err != nil {
		t.Fatalf("NewReader: %v", err)
	}
	return r
}

// withVocabulary adds the stakeholders' vocabulary to options that have none.
func withVocabulary(o Options) Options {
	if o.Vocabulary == nil {
		o.Vocabulary = Stakeholders()
	}
	return o
}

// readRow is a row with the values of a table of stakeholders.
type readRow struct {
	Record
	values
}

type values struct{ DealID, DealName, ContactID, ContactEmail, ContactName, Role, RoleID string }

// readAll reads to the end and returns copies of the rows.
func readAll(r *Reader) ([]readRow, error) {
	var rows []readRow
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		row := readRow{*rec, valuesOf(r)}
		row.Cells = slices.Clone(rec.Cells)
		rows = append(rows, row)
	}
}

func valuesOf(r *Reader) values {
	return values{
		r.Value(DealID), r.Value(DealName), r.Value(ContactID), r.Value(ContactEmail), r.Value(ContactName),
		r.Value(Role), r.Value(RoleID),
	}
}

// rowsOf returns the rows of a text that can be read.
func rowsOf(t testing.TB, text string, o Options) []readRow {
	t.Helper()
	rows, err := readAll(reader(t, text, o))
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return rows
}

// fileError reads a text that cannot be used, and returns the error and the
// rows before it.
func fileError(t testing.TB, text string, o Options) (*FileError, []readRow) {
	t.Helper()
	var rows []readRow
	r, err := NewReader(strings.NewReader(text), withVocabulary(o))
	if err == nil {
		rows, err = readAll(r)
	}
	var problem *FileError
	if !errors.As(err, &problem) {
		t.Fatalf("got %d rows and error %v, want a *FileError", len(rows), err)
	}
	return problem, rows
}

func itoa(n int) string { return strconv.Itoa(n) }

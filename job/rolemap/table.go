package rolemap

import (
	"errors"
	"fmt"
	"io"
	"os"

	"rolecall/csvio"
	"rolecall/csvio/alike"
)

// The columns of a table of roles to translate, as Save writes it. A table of the user may have no header.
const (
	columnFrom csvio.Field = "role_in_file"
	columnTo   csvio.Field = "role_in_org"
	columnNear csvio.Field = "roles_of_the_org" // for people: the roles to choose from
)

// vocabulary returns the columns of such a table.
func vocabulary() *csvio.Vocabulary {
	return &csvio.Vocabulary{
		Columns: []csvio.KnownColumn{{Field: columnFrom}, {Field: columnTo}, {Field: columnNear}},
		Ours:    []string{string(columnFrom), string(columnTo), string(columnNear)},
	}
}

// read reads the pairs of a table: from columnFrom and columnTo, or else from the first two columns.
func read(path string) (pairs []Pair, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s %s: it is NAME=ROLE, or a file of two columns: %w", Flag, path, err)
	}
	defer func() { _ = f.Close() }()
	in, err := csvio.NewReader(f, csvio.Options{Name: path, Vocabulary: vocabulary()})
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	t := &table{path: path, in: in, headed: in.Has(columnFrom) && in.Has(columnTo)}
	if err := t.first(); err != nil {
		return nil, err
	}
	for {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			return t.pairs, nil
		}
		if err != nil {
			return nil, err
		}
		if err := t.row(rec); err != nil {
			return nil, err
		}
	}
}

// table reads a table of roles.
type table struct {
	path   string
	in     *csvio.Reader
	headed bool // the first line is a header
	pairs  []Pair
}

// first takes the first line as a pair, unless it is a header.
func (t *table) first() error {
	header := t.in.Header()
	switch {
	case t.headed || t.in.Empty():
		return nil
	case len(header) < 2 || t.in.Dialect().Format == csvio.FormatJSONL:
		return fmt.Errorf("%s: it must have two columns, %s and %s: a name in the file and a role of the org",
			t.path, columnFrom, columnTo)
	}
	return t.add(max(t.in.Dialect().HeaderLine, 1), header[0], header[1])
}

func (t *table) row(rec *csvio.Record) error {
	if rec.Malformed != nil {
		return fmt.Errorf("%s:%d: %s", t.path, rec.Line, rec.Malformed.Reason)
	}
	if t.headed {
		return t.add(rec.Line, t.in.Value(columnFrom), t.in.Value(columnTo))
	}
	values := t.in.Values()
	return t.add(rec.Line, values[0], values[1])
}

func (t *table) add(line int, from, to string) error {
	if alike.Trim(from) == "" {
		return fmt.Errorf("%s:%d: the first column is empty: it is a name of a role in the file", t.path, line)
	}
	t.pairs = append(t.pairs, Pair{From: from, To: to, At: fmt.Sprintf("%s:%d", t.path, line)})
	return nil
}

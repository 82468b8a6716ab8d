package csvio

import (
	"bufio"
	"encoding/csv"
	"io"
)

// csvTable writes a table as UTF-8, comma, LF.
type csvTable struct {
	out *csv.Writer
	row []string
}

func newCSVTable(w io.Writer, columns []Column) (*csvTable, error) {
	t := &csvTable{out: csv.NewWriter(bufio.NewWriterSize(w, blockSize))} // a csv.Writer uses it as its own
	for _, c := range columns {
		t.row = append(t.row, clean(c.Name))
	}
	return t, t.out.Write(t.row)
}

func (t *csvTable) write(cells []Value) error {
	for i := range cells {
		t.row[i] = cells[i].Text
	}
	return t.out.Write(t.row)
}

func (t *csvTable) finish() error {
	t.out.Flush()
	return t.out.Error()
}

func (t *csvTable) discard() {}

package csvio

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// jsonTable writes a table as JSON Lines: an object a row, with its keys in the order of the columns.
type jsonTable struct {
	out   *bufio.Writer
	names [][]byte // of the columns, as JSON, with the colon
	line  bytes.Buffer
	text  *json.Encoder // writes to line
}

func newJSONTable(w io.Writer, columns []Column) (*jsonTable, error) {
	t := &jsonTable{out: bufio.NewWriterSize(w, blockSize)}
	t.text = json.NewEncoder(&t.line)
	t.text.SetEscapeHTML(false) // "&" in a name stays "&"
	for _, c := range columns {
		if err := t.string(c.Name); err != nil {
			return nil, err
		}
		t.names = append(t.names, append(bytes.Clone(t.line.Bytes()), ':'))
		t.line.Reset()
	}
	return t, nil
}

func (t *jsonTable) write(cells []Value) error {
	t.line.Reset()
	for i := range cells {
		t.line.WriteByte("{,"[min(i, 1)])
		t.line.Write(t.names[i])
		var err error
		switch v := cells[i]; {
		case v.JSON != nil:
			err = json.Compact(&t.line, v.JSON)
		case v.Text == "":
			t.line.WriteString("null")
		default:
			err = t.string(v.Text)
		}
		if err != nil {
			return fmt.Errorf("column %s: %w", t.names[i][:len(t.names[i])-1], err)
		}
	}
	t.line.WriteString("}\n")
	_, err := t.out.Write(t.line.Bytes())
	return err
}

// string puts a text into the line.
func (t *jsonTable) string(text string) error {
	err := t.text.Encode(text)
	if err == nil {
		t.line.Truncate(t.line.Len() - 1) // the encoder ends each value with a line break
	}
	return err
}

func (t *jsonTable) finish() error { return t.out.Flush() }

func (t *jsonTable) discard() {}

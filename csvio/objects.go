package csvio

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// objects reads JSON objects that are not one on each line: the elements of arrays, and objects over several lines.
// Only one of them is in memory.
type objects struct {
	text    *jsonText
	json    *json.Decoder
	raw     json.RawMessage
	inArray bool
}

func newObjects(s *splitter) *objects {
	text := &jsonText{splitter: s}
	return &objects{text: text, json: json.NewDecoder(text)}
}

// next returns the next object as it stands in the text, and its line. The end is io.EOF.
func (o *objects) next() (raw []byte, line int, err error) {
	o.text.most = o.json.InputOffset() + maxTextBytes
	for {
		switch more := o.json.More(); {
		case o.inArray && !more:
			if _, err := o.json.Token(); err != nil { // the end of the array
				return nil, 0, o.broken(err)
			}
			o.inArray = false
		case !o.inArray && o.atArray():
			if _, err := o.json.Token(); err != nil {
				return nil, 0, o.broken(err)
			}
			o.inArray = true
		default:
			return o.value()
		}
	}
}

// atArray reports whether an array comes next.
func (o *objects) atArray() bool {
	next := make([]byte, 1)
	n, _ := o.json.Buffered().Read(next) // More has read up to it
	return n == 1 && next[0] == '['
}

// value returns the next value.
func (o *objects) value() (raw []byte, line int, err error) {
	err = o.json.Decode(&o.raw)
	switch {
	case errors.Is(err, io.EOF) && !o.inArray:
		return nil, 0, io.EOF
	case err != nil:
		return nil, 0, o.broken(err)
	}
	return o.raw, o.text.lineOf(o.json.InputOffset() - int64(len(o.raw))), nil
}

// broken explains why the rest of the text is no JSON.
func (o *objects) broken(err error) error {
	_, isSyntax := errors.AsType[*json.SyntaxError](err)
	switch {
	case errors.Is(err, errTooLong):
		return tooLong(o.start())
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &FileError{
			Line: o.text.lastLine(), Problem: "the file ends inside JSON: it was not written whole",
			Hint: "fetch or write it again",
		}
	case isSyntax:
		return &FileError{
			Line: o.start(), Problem: "the JSON of the record that starts here is broken", Err: err,
			Hint: "give an array of objects, or one object a line",
		}
	}
	e := o.text.problem(err)
	e.Line = o.text.lastLine()
	return e
}

// start returns the line where the value starts that cannot be read.
func (o *objects) start() int {
	rest, _ := io.ReadAll(o.json.Buffered()) // no more than a record
	space := len(rest) - len(bytes.TrimLeft(rest, jsonSpace))
	return o.text.lineOf(o.json.InputOffset() + int64(space))
}

var errTooLong = errors.New("the record is too long")

// jsonText is the text of a splitter as a stream that knows its lines.
type jsonText struct {
	*splitter
	read   int64   // how many bytes were read
	most   int64   // how many may be read
	breaks []int64 // the offsets after the line breaks that were read, from splitter.line on
	cr     bool    // the last byte was a CR
}

// Read implements io.Reader.
func (t *jsonText) Read(p []byte) (int, error) {
	for len(t.window()) == 0 {
		if !t.more() {
			return 0, t.err
		}
	}
	if t.read > t.most {
		return 0, errTooLong
	}
	n := copy(p, t.window())
	t.pos += n
	for i, c := range p[:n] {
		if c == '\r' || c == '\n' && !t.cr {
			t.breaks = append(t.breaks, t.read+int64(i)+1)
		}
		t.cr = c == '\r'
	}
	t.read += int64(n)
	return n, nil
}

// lineOf returns the line of an offset. Offsets must not go back.
func (t *jsonText) lineOf(offset int64) int {
	n := 0
	for n < len(t.breaks) && t.breaks[n] <= offset {
		n++
	}
	t.line += n
	t.breaks = t.breaks[n:]
	return t.line
}

// lastLine returns the line up to which the text was read.
func (t *jsonText) lastLine() int { return t.line + len(t.breaks) }

// looksLikeObjects reports whether the text begins like JSON objects that do not stand one on a line.
func looksLikeObjects(text []byte) bool {
	inside := bytes.TrimLeft(text[1:], jsonSpace)
	switch {
	case text[0] == '{':
		return len(inside) > 0 && inside[0] == '"'
	case len(inside) > 0 && inside[0] == ']':
		return len(bytes.Trim(inside[1:], jsonSpace)) == 0 // an array of nothing
	}
	return len(inside) > 0 && inside[0] == '{'
}

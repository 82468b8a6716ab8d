package csvio

import (
	"bytes"
	"fmt"
	"io"
)

// jsonReader reads a table of JSON objects: the keys of the first object are the columns.
type jsonReader struct {
	lines   *splitter // JSON Lines
	objects *objects  // not nil: the objects do not stand one on a line
	first   []byte    // the first of objects, until it is returned as a row
	line    int       // of first
	keys    []string
	column  map[string]int // by key
	row     []string
	set     []bool // the columns that the object has
}

// looksLikeJSON reports whether the text begins like JSON objects, and whether one stands on each line.
func looksLikeJSON(s *splitter) (isJSON, lines bool) {
	text := bytes.TrimLeft(s.window(), jsonSpace)
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return false, false
	}
	line := firstLine(text)
	if members(line, func(string, []byte) string { return "" }) == "" {
		return true, true
	}
	if !looksLikeObjects(text) { // a CSV header may begin with a brace
		return false, false
	}
	// The first line may be longer than what is read of it.
	return true, text[0] == '{' && len(line) == len(text) && s.err == nil
}

// openJSON reads the columns. The first object is also a row. The error is io.EOF if there is no object.
func openJSON(s *splitter, lines bool) (*jsonReader, error) {
	j := &jsonReader{lines: s, column: map[string]int{}}
	if lines {
		j.first = firstLine(s.window())
		before := len(s.window()) - len(bytes.TrimLeft(s.window(), jsonSpace))
		j.line = s.line + countBreaks(s.window()[:before])
	} else {
		j.objects = newObjects(s)
		raw, line, err := j.objects.next()
		if err != nil {
			return nil, err
		}
		j.first, j.line = bytes.Clone(raw), line
	}
	reason := members(j.first, func(key string, _ []byte) string {
		if _, taken := j.column[key]; taken {
			return twice(key)
		}
		j.column[key] = len(j.keys)
		j.keys = append(j.keys, key)
		return ""
	})
	if len(j.keys) == 0 && reason == "" {
		reason = "the object has no keys"
	}
	if reason != "" {
		return nil, &FileError{
			Line: j.line, Problem: reason,
			Hint: fmt.Sprintf("the first object names the columns: "+
				"give it every key, null where there is nothing, within %d KiB", sampleBytes>>10),
		}
	}
	j.set = make([]bool, len(j.keys))
	return j, nil
}

// firstLine returns the first line of a text, without the space before it.
func firstLine(text []byte) []byte {
	text = bytes.TrimLeft(text, jsonSpace)
	if i := bytes.IndexAny(text, "\r\n"); i >= 0 {
		text = text[:i]
	}
	return text
}

// next returns the next object. The end is io.EOF; a *FileError says that the rest cannot be read.
func (j *jsonReader) next() (record, error) {
	raw, line, err := j.cut()
	if err != nil {
		return record{}, err
	}
	rec := record{raw: raw, line: line, size: len(raw)}
	if rec.bound(j.lines.maxBytes); rec.stray != "" {
		j.row = make([]string, len(j.keys))
	} else if rec.stray = j.read(raw); rec.stray == jsonBroken && j.objects != nil {
		rec.stray = "the value is no JSON object"
	}
	rec.cells = j.row
	return rec, nil
}

// cut returns the next object, or the next line that is not empty, and the line where it starts.
func (j *jsonReader) cut() (raw []byte, line int, err error) {
	if j.objects != nil {
		if raw, line = j.first, j.line; raw != nil {
			j.first = nil
			return raw, line, nil
		}
		return j.objects.next()
	}
	for {
		end, err := j.lines.breakAfter(0)
		if err != nil {
			return nil, 0, err
		}
		if end == 0 && len(j.lines.window()) == 0 {
			return nil, 0, io.EOF
		}
		raw, line := j.lines.window()[:end], j.lines.line
		j.lines.consume(end, 0)
		if len(bytes.Trim(raw, " \t")) > 0 {
			return raw, line, nil
		}
	}
}

// read puts an object into the row. It returns the reason why the object is malformed, or "".
func (j *jsonReader) read(line []byte) (reason string) {
	j.row = append(j.row[:0], make([]string, len(j.keys))...)
	clear(j.set)
	return members(line, func(key string, value []byte) string {
		column, known := j.column[key]
		switch {
		case !known:
			return "the first object has no key " + shown(key)
		case j.set[column]:
			return twice(key)
		}
		j.set[column] = true
		text, problem := textOf(value)
		j.row[column] = withLF(text)
		if problem != "" {
			return "the value of " + shown(key) + " " + problem
		}
		return ""
	})
}

func twice(key string) string { return "the key " + shown(key) + " is there twice" }

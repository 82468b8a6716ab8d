package csvio

import (
	"bytes"
	"fmt"
	"io"
)

// jsonReader reads JSON Lines: the keys of the first object are the columns.
type jsonReader struct {
	lines  *splitter
	keys   []string
	column map[string]int // by key
	row    []string
	set    []bool // the columns that the line has
}

// looksLikeJSON reports whether the text begins like JSON Lines. Other JSON is an error that says so.
func looksLikeJSON(s *splitter) (bool, *FileError) {
	text := bytes.TrimLeft(s.window(), jsonSpace)
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return false, nil
	}
	inside := bytes.TrimLeft(text[1:], jsonSpace)
	if text[0] == '[' {
		if len(inside) == 0 || inside[0] != '{' {
			return false, nil
		}
		return false, notLines("an array of objects")
	}
	line := firstLine(text)
	switch reason := members(line, func(string, []byte) string { return "" }); {
	case reason == "":
		return true, nil
	case len(inside) == 0 || inside[0] != '"':
		return false, nil // a CSV header may begin with a brace
	case len(line) == len(text) && s.err == nil:
		return true, nil // the first line is longer than what is read of it
	}
	return false, notLines("an object over several lines, or a broken one")
}

func notLines(what string) *FileError {
	return &FileError{
		Problem: "this is JSON (" + what + "), not JSON Lines",
		Hint:    "give one object a line, for example with: jq -c '.[]' FILE, or jq -c . FILE",
	}
}

// openJSON reads the columns. It consumes nothing of the text, because the first line is also a row.
func openJSON(s *splitter) (*jsonReader, *FileError) {
	j := &jsonReader{lines: s, column: map[string]int{}}
	reason := members(firstLine(s.window()), func(key string, _ []byte) string {
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
		before := len(s.window()) - len(bytes.TrimLeft(s.window(), jsonSpace))
		return nil, &FileError{
			Line: s.line + countBreaks(s.window()[:before]), Problem: reason,
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

// next returns the next line that is not empty. The end is io.EOF; a *FileError says that the rest cannot be read.
func (j *jsonReader) next() (record, error) {
	for {
		end, err := j.lines.breakAfter(0)
		if err != nil {
			return record{}, err
		}
		if end == 0 && len(j.lines.window()) == 0 {
			return record{}, io.EOF
		}
		rec := record{raw: j.lines.window()[:end], line: j.lines.line, size: end}
		j.lines.consume(end, 0)
		if len(bytes.Trim(rec.raw, " \t")) == 0 {
			continue
		}
		if rec.bound(j.lines.maxBytes); rec.stray == "" {
			rec.stray = j.read(rec.raw)
		} else {
			j.row = make([]string, len(j.keys))
		}
		rec.cells = j.row
		return rec, nil
	}
}

// read puts a line into the row. It returns why the line is malformed, or "".
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

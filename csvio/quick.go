package csvio

import "bytes"

// quickReader reads the values of records without quotes, which are all but a
// few of most tables, without cutting them into cells.
type quickReader struct {
	delimiter []byte
	width     int // cells of a proper row
	from, to  int // places of the cells that gocsv is handed: rolecall understands none outside
	again     bool
	decoder   *decoder
}

func newQuickReader(delimiter rune, cols *columns) (*quickReader, error) {
	q := &quickReader{delimiter: []byte(string(delimiter)), width: len(cols.all), again: cols.code >= 0}
	q.from, q.to = cols.understood()
	var err error
	q.decoder, err = newDecoder(delimiter, canonicalNames(cols)[q.from:q.to], cols.ours)
	return q, err
}

// understood gives the places from the first column that stands for a field to
// after the last one. They are two at least where there are two, since gocsv
// would pass over a lone empty cell as over an empty line.
func (c *columns) understood() (from, to int) {
	from, to = len(c.all), 0
	for _, place := range c.at {
		if place >= 0 {
			from, to = min(from, place), max(to, place+1)
		}
	}
	to = min(max(to, 2), len(c.all))
	return max(0, min(from, to-2)), to
}

// read gives the values of rec, which are used again by the next call. It
// gives nil for a record that may be no proper row, and is to be read in full.
func (q *quickReader) read(rec record) *Values {
	switch {
	case rec.quoted, bytes.Count(rec.raw, q.delimiter)+1 != q.width:
		return nil
	case q.again && bytes.Contains(rec.raw, []byte(CodeRowMalformed)):
		return nil
	}
	values, err := q.decoder.decode(q.cut(rec.raw), false)
	if err != nil {
		return nil
	}
	return values
}

// cut leaves out the cells that gocsv is not handed.
func (q *quickReader) cut(raw []byte) []byte {
	raw = raw[q.after(raw, q.from):]
	if q.to == q.width {
		return raw
	}
	return raw[:q.after(raw, q.to-q.from)-len(q.delimiter)]
}

// after gives the place behind so many delimiters.
func (q *quickReader) after(raw []byte, delimiters int) int {
	at := 0
	for range delimiters {
		at += bytes.Index(raw[at:], q.delimiter) + len(q.delimiter)
	}
	return at
}

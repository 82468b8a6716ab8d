package csvio

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/gocarina/gocsv"
)

// Values are the cells of a row of deals' stakeholders that rolecall
// understands, as read. A field that the table has no column for is empty.
type Values struct {
	DealID       string `csv:"deal_id"`
	DealName     string `csv:"deal_name"`
	ContactID    string `csv:"contact_id"`
	ContactEmail string `csv:"contact_email"`
	ContactName  string `csv:"contact_name"`
	Role         string `csv:"role"`
	RoleID       string `csv:"role_id"`
}

// decoder turns records into Values with gocsv. It is handed a header of
// canonical names, each once, so that gocsv's own matching has nothing to
// decide; it is pulled row by row and reads one record at a time.
type decoder struct {
	feed  feed
	gocsv *gocsv.Unmarshaller
	ours  bool // rolecall wrote the table: its texts may be guarded
}

func newDecoder(delimiter rune, names []string, ours bool) (*decoder, error) {
	d := &decoder{ours: ours}
	d.feed.set([]byte(strings.Join(names, string(delimiter))), false)
	r := csv.NewReader(&d.feed)
	r.Comma = delimiter
	var err error
	if d.gocsv, err = gocsv.NewUnmarshaller(r, &Values{}); err != nil {
		return nil, fmt.Errorf("prepare the columns: %w", err)
	}
	r.ReuseRecord = true // its strings are taken out of the slice at once
	return d, nil
}

// decode reads one record with as many cells as the header and proper quotes.
// There can be line breaks in it only when it is quoted.
func (d *decoder) decode(raw []byte, quoted bool) (*Values, error) {
	d.feed.set(raw, quoted)
	row, err := d.gocsv.Read()
	if err != nil {
		return nil, fmt.Errorf("read the row: %w", err)
	}
	values, ok := row.(*Values)
	if !ok {
		return nil, fmt.Errorf("read the row: got %T", row)
	}
	if d.ours {
		values.unguard()
	}
	return values, nil
}

// all gives the values in the order of their vocabulary.
func (v *Values) all() [7]*string {
	return [...]*string{&v.DealID, &v.DealName, &v.ContactID, &v.ContactEmail, &v.ContactName, &v.Role, &v.RoleID}
}

// unguard takes the guard off the texts.
func (v *Values) unguard() {
	for _, text := range []*string{&v.DealName, &v.ContactEmail, &v.ContactName, &v.Role} {
		*text = Unguard(*text)
	}
}

// canonicalNames names every column for gocsv. The names are quoted, because
// any character may be the delimiter.
func canonicalNames(cols *columns) []string {
	names := make([]string, len(cols.all))
	for i := range names {
		names[i] = fmt.Sprintf(`"column %d"`, i+1)
	}
	for i, place := range cols.at {
		if place >= 0 {
			names[place] = `"` + string(cols.known.Columns[i].Field) + `"`
		}
	}
	return names
}

// valuesOf takes the values out of the cells of a row that is malformed, for
// people to recognise it by.
func valuesOf(cells []string, cols *columns) Values {
	var v Values
	for i, to := range v.all() {
		if place := cols.at[i]; place >= 0 {
			*to = cells[place]
		}
	}
	return v
}

// feed is a source of one record at a time for a csv.Reader, which so cannot
// read past the record, whatever its quotes.
type feed struct {
	raw     []byte
	scratch []byte
	newline bool // the line break that ends the record is still to come
}

// set gives the next record. Line breaks inside one that is quoted become LF;
// in others there are none.
func (f *feed) set(raw []byte, quoted bool) {
	f.raw, f.newline = raw, true
	if !quoted || bytes.IndexByte(raw, '\r') < 0 {
		return
	}
	f.scratch = f.scratch[:0]
	for i, c := range raw {
		switch {
		case c != '\r':
			f.scratch = append(f.scratch, c)
		case i+1 == len(raw) || raw[i+1] != '\n':
			f.scratch = append(f.scratch, '\n')
		}
	}
	f.raw = f.scratch
}

// Read implements io.Reader.
func (f *feed) Read(p []byte) (int, error) {
	n := copy(p, f.raw)
	f.raw = f.raw[n:]
	if len(f.raw) == 0 && f.newline && n < len(p) {
		p[n] = '\n'
		f.newline = false
		n++
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

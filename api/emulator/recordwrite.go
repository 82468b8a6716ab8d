package emulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
)

// writeRecord writes the rest of an object: the fields, then the id, which
// comes always. Names that are no fields, and the one that is already there,
// are passed over; without names it is all fields of the record.
func writeRecord(b *bytes.Buffer, base *base, m module, n id, fields []string, already string) {
	if fields == nil {
		fields = base.names(m, n)
	}
	for i, name := range fields {
		if name == "id" || name == already || slices.Contains(fields[:i], name) {
			continue
		}
		value, found := base.field(m, n, name)
		if !found {
			continue
		}
		b.Write(text(name))
		b.WriteByte(':')
		b.Write(value)
		b.WriteByte(',')
	}
	b.WriteString(`"id":"` + n.String() + `"}`)
}

// writeList encodes {"data":[...],"info":{...}}; row writes object i. Without
// info there is none.
func writeList[T any](count int, row func(*bytes.Buffer, int), info *T) (answer, error) {
	var b bytes.Buffer
	b.WriteString(`{"data":[`)
	for i := range count {
		if i > 0 {
			b.WriteByte(',')
		}
		row(&b, i)
	}
	b.WriteByte(']')
	if info != nil {
		encoded, err := json.Marshal(info)
		if err != nil {
			return answer{}, err
		}
		b.WriteString(`,"info":`)
		b.Write(encoded)
	}
	b.WriteByte('}')
	return answer{status: http.StatusOK, body: b.Bytes()}, nil
}

// notModified is the answer to If-Modified-Since when nothing is newer.
func notModified() answer { return answer{status: http.StatusNotModified} }

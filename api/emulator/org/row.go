package org

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"rolecall/api/emulator/wire"
)

// A Row is a record at one moment.
type Row struct {
	ID       ID
	records  *Records
	table    *table
	fields   Record // never changed in place
	seeded   bool
	computed bool // fields that the record lacks are generated
}

// Value returns a field. It returns false if the module does not have the field, and null if the record does not: Zoho
// sends null for an empty field.
func (w Row) Value(name string) (json.RawMessage, bool) {
	if name == "id" {
		return wire.Quote(w.ID.String()), true
	}
	if _, known := w.table.schema.byName[name]; !known {
		return nil, false
	}
	value, given := w.fields[name]
	switch {
	case given:
		return value, true
	case w.computed && (name != "Full_Name" || w.fields == nil):
		return w.records.generatedValue(w.table.name, w.ID, name), true
	}
	return w.defaultValue(name), true
}

// Text returns a field as a text, "" if it is none.
func (w Row) Text(name string) string {
	value, _ := w.Value(name)
	text, _ := wire.Unquote(value)
	return text
}

// Name returns what people call the record.
func (w Row) Name() string { return w.Text(w.table.schema.display) }

// names returns the fields of a record for a call that names none, sorted: the fields that a seeded record has, or all
// fields of any other record.
func (w Row) names() []string {
	if w.seeded {
		return slices.Sorted(maps.Keys(w.fields))
	}
	var names []string
	for _, f := range w.table.schema.list {
		names = append(names, f.API)
	}
	slices.Sort(names)
	return names
}

// Write completes an object with fields of the record and its id. It skips unknown names, and the key that the object
// already has. Nil fields are all fields of the record.
func (w Row) Write(b *bytes.Buffer, fields []string, already string) {
	if fields == nil {
		fields = w.names()
	}
	for i, name := range fields {
		if name == "id" || name == already || slices.Contains(fields[:i], name) {
			continue
		}
		value, known := w.Value(name)
		if !known {
			continue
		}
		b.Write(wire.Quote(name))
		b.WriteByte(':')
		b.Write(value)
		b.WriteByte(',')
	}
	b.WriteString(`"id":"` + w.ID.String() + `"}`)
}

// mostInList is how many characters of a rich text a list has. Zoho CRM API v7, Insert Records, Sample Attributes.
const mostInList = 500

// Listed returns the record as lists have it, with only the beginnings of rich texts.
func (w Row) Listed() Row {
	for name, f := range w.table.schema.byName {
		if f.Kind != KindRichText {
			continue
		}
		if text := []rune(w.Text(name)); len(text) > mostInList {
			w.fields = maps.Clone(w.fields)
			w.fields[name] = wire.Quote(string(text[:mostInList]))
		}
	}
	return w
}

// Times returns the Unix times of a record. A seeded time that cannot be read is 0.
func (w Row) Times() (created, modified int64) {
	if w.computed {
		//nolint:gosec // a generated id is within MaxGenerated of the first
		created, modified = generatedTimes(int(w.ID - w.table.ids.first))
		if value, changed := w.fields["Modified_Time"]; changed {
			modified = unixTime(value)
		}
		return created, modified
	}
	return recordTime(w.fields, "Created_Time"), recordTime(w.fields, "Modified_Time")
}

func recordTime(record Record, name string) int64 {
	value, given := record[name]
	if !given {
		value = wire.Quote(seededTime)
	}
	return unixTime(value)
}

func unixTime(value json.RawMessage) int64 {
	s, _ := wire.Unquote(value)
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return 0
	}
	return t.Unix()
}

// seededTime is when a seeded record was created and modified, unless it has those times.
const seededTime = "2024-01-01T00:00:00+00:00"

// defaultValue returns a field that a record does not have. Fields that every record of Zoho's has get a value, the
// others are empty.
func (w Row) defaultValue(name string) json.RawMessage {
	switch name {
	case "Owner", "Created_By", "Modified_By":
		return userValue()
	case "Created_Time", "Modified_Time":
		return wire.Quote(seededTime)
	case "Full_Name":
		if full := strings.TrimSpace(w.Text("First_Name") + " " + w.Text("Last_Name")); full != "" {
			return wire.Quote(full)
		}
	case "Email_Opt_Out":
		return json.RawMessage("false")
	}
	return wire.Null()
}

package org

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"rolecall/api/emulator/wire"
)

// A Batch is the writes of one call on a module. Nobody else reads or writes in the meantime. Each write is visible to
// the next one.
type Batch struct {
	*Store
	table *table
	now   time.Time
	stamp json.RawMessage // the time
	undo  []func()
	wrote []ID
}

// Write makes changes to a module. If the state file cannot take them, none happens.
func (s *Store) Write(m Module, now time.Time, do func(*Batch)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &Batch{Store: s, table: s.tables[m], now: now, stamp: wire.Quote(TimeText(now.Unix()))}
	do(b)
	if len(b.wrote) == 0 {
		return nil
	}
	var err error
	if s.journal != nil {
		l := line{Module: m}
		for _, n := range b.wrote {
			l.Records = append(l.Records, b.table.export(n))
		}
		err = s.journal.append(&l)
	}
	if err != nil {
		for _, undo := range slices.Backward(b.undo) {
			undo()
		}
	}
	return err
}

// export returns what calls wrote to a record, with its id.
func (t *table) export(n ID) Record {
	record := maps.Clone(t.changed[n])
	record["id"] = wire.Quote(n.String())
	return record
}

// Exists reports whether there is a record.
func (b *Batch) Exists(m Module, n ID) bool { return b.tables[m].view().Has(n) }

// Record returns a record, which must exist.
func (b *Batch) Record(m Module, n ID) Row { return b.row(b.tables[m], n) }

// Find returns the records whose field has the value, by id. Texts are compared without regard to case: Zoho's unique
// fields have "case_sensitive": false (Zoho CRM API v8, Create Custom Fields).
func (b *Batch) Find(field string, value json.RawMessage) []ID {
	key := indexKey(value)
	if key == "" {
		return nil
	}
	return b.entries(b.table, field)[key]
}

// Having returns the records whose field has one of the texts, or looks up a record with one of the ids, by id. Case
// does not count.
func (r *Records) Having(m Module, field string, texts []string) (list List) {
	r.mu.Lock()
	defer r.mu.Unlock()
	entries := r.entries(r.tables[m], field)
	for _, text := range texts {
		list = append(list, entries[strings.ToLower(text)]...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// entries returns the index of a field. It makes the index when the field is first searched by value.
func (r *Records) entries(t *table, field string) map[string][]ID {
	if t.index[field] == nil {
		if t.index == nil {
			t.index = make(map[string]map[string][]ID)
		}
		entries := make(map[string][]ID)
		view := t.view()
		for i := range view.Len() {
			n := view.At(i)
			v, _ := r.row(t, n).Value(field)
			if k := indexKey(v); k != "" {
				entries[k] = append(entries[k], n)
			}
		}
		t.index[field] = entries
	}
	return t.index[field]
}

// indexKey returns the key of a value in an index, which is the same for equal values, or "" for an empty value.
func indexKey(value json.RawMessage) string {
	if text, isText := wire.Unquote(value); isText {
		return strings.ToLower(text)
	}
	if wire.IsNull(value) {
		return ""
	}
	if to := ReadLookup(value); to.ID != 0 {
		return to.ID.String()
	}
	return string(value)
}

// unindex removes a record from the indexes of its table before a change. reindex adds the record after the change.
func (r *Records) unindex(t *table, n ID) {
	for field, entries := range t.index {
		v, _ := r.row(t, n).Value(field)
		key := indexKey(v)
		if at, exists := slices.BinarySearch(entries[key], n); exists {
			if entries[key] = slices.Delete(entries[key], at, at+1); len(entries[key]) == 0 {
				delete(entries, key)
			}
		}
	}
}

func (r *Records) enterIndex(t *table, n ID) {
	for field, entries := range t.index {
		v, _ := r.row(t, n).Value(field)
		key := indexKey(v)
		if at, exists := slices.BinarySearch(entries[key], n); !exists && key != "" {
			entries[key] = slices.Insert(entries[key], at, n)
		}
	}
}

// Insert adds a record. It belongs to the user unless the fields name another owner. The caller must not use fields
// after the call.
func (b *Batch) Insert(fields Record) Row {
	b.next++
	n := b.next
	if _, given := fields["Owner"]; !given {
		fields["Owner"] = userValue()
	}
	fields["Created_Time"], fields["Created_By"] = b.stamp, userValue()
	b.put(n, fields)
	return b.row(b.table, n)
}

// Update changes fields of a record, which must exist.
func (b *Batch) Update(n ID, fields Record) Row {
	after := maps.Clone(b.row(b.table, n).fields)
	if after == nil {
		after = make(Record, len(fields)+2)
	}
	maps.Copy(after, fields)
	if b.renames(fields) {
		delete(after, "Full_Name")
	}
	b.put(n, after)
	return b.row(b.table, n)
}

func (b *Batch) renames(fields Record) bool {
	_, first := fields["First_Name"]
	_, last := fields["Last_Name"]
	return first || last
}

// put stamps and stores a record.
func (b *Batch) put(n ID, fields Record) {
	delete(fields, "id")
	fields["Modified_Time"], fields["Modified_By"] = b.stamp, userValue()
	t := b.table
	before, was := t.changed[n]
	ids := t.ids
	b.replace(t, n, fields)
	if !slices.Contains(b.wrote, n) {
		b.wrote = append(b.wrote, n)
	}
	b.undo = append(b.undo, func() {
		b.unindex(t, n)
		if t.ids = ids; was {
			t.changed[n] = before
		} else {
			delete(t.changed, n)
		}
		if ids.has(n) {
			b.enterIndex(t, n)
		}
	})
}

// replace stores what calls wrote to a record, new or not.
func (r *Records) replace(t *table, n ID, fields Record) {
	if t.ids.has(n) {
		r.unindex(t, n)
	} else {
		t.ids.add(n)
	}
	t.changed[n] = fields
	r.enterIndex(t, n)
}

// replayRecords applies a line of the state file.
func (s *Store) replayRecords(m Module, list []Record) error {
	t := s.tables[m]
	if t == nil {
		return errNoModule(m)
	}
	for _, record := range list {
		var n ID
		if err := json.Unmarshal(record["id"], &n); err != nil {
			return err
		}
		delete(record, "id")
		s.replace(t, n, record)
		s.next = max(s.next, n)
	}
	return nil
}

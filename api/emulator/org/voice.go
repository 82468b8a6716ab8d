package org

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
)

// A VoiceContact is a contact of Zoho Voice. It is no record of the CRM.
type VoiceContact struct {
	ID      ID                `json:"contact_id"`
	Created int64             `json:"created_time,omitempty"` // milliseconds since 1970
	Status  string            `json:"contact_status,omitempty"`
	Fields  map[string]string `json:"fields,omitempty"`
}

// The ids of Voice are not those of the CRM. They are past 2^53, so that a client which reads them as floats fails.
const (
	firstVoice    ID = 31500010000000000 // generated contact i (from 1) is firstVoice+i
	firstNewVoice ID = 31500020000000000
)

// voiceLine is a change in the state file.
type voiceLine struct {
	Set     *VoiceContact `json:"set,omitempty"`
	Deleted ID            `json:"deleted,omitzero"`
}

// A VoiceBook is the contacts of Zoho Voice. Generated ones are computed until a call changes them.
type VoiceBook struct {
	journal *journal

	mu        sync.RWMutex
	generated int
	ids       []ID // sorted
	stored    map[ID]VoiceContact
	next      ID
}

func newVoiceBook(o *Seed) (*VoiceBook, error) {
	b := &VoiceBook{generated: o.Generated.VoiceContacts, stored: make(map[ID]VoiceContact), next: firstNewVoice}
	if b.generated < 0 || b.generated > MaxGenerated {
		return nil, fmt.Errorf("generated: the number of Voice contacts goes from 0 to %d", MaxGenerated)
	}
	deleted := make(map[ID]bool, len(o.DeletedVoice))
	for _, n := range o.DeletedVoice {
		deleted[n] = true
	}
	for i := range b.generated {
		if n := firstVoice + 1 + ID(i); !deleted[n] { //nolint:gosec // an index is never negative
			b.ids = append(b.ids, n)
		}
	}
	for i, c := range o.VoiceContacts {
		if _, twice := b.stored[c.ID]; twice || c.ID == 0 {
			return nil, fmt.Errorf("voice_contacts[%d]: contact_id is missing, or there twice", i)
		}
		b.set(c)
	}
	return b, nil
}

// set puts a contact into the book. The caller holds the lock.
func (b *VoiceBook) set(c VoiceContact) {
	if at, exists := slices.BinarySearch(b.ids, c.ID); !exists {
		b.ids = slices.Insert(b.ids, at, c.ID)
	}
	b.stored[c.ID] = c
	b.next = max(b.next, c.ID)
}

// get returns a contact, which must exist. The caller holds the lock.
func (b *VoiceBook) get(n ID) VoiceContact {
	if c, stored := b.stored[n]; stored {
		return c
	}
	at := int64(n - firstVoice) //nolint:gosec // it is an index
	i := strconv.FormatInt(at, 10)
	return VoiceContact{ID: n, Created: 1728037831825 + at, Fields: map[string]string{
		"first_name": "Voice " + i, "last_name": "Contact", "email": "voice" + i + "@example.com",
		"mobile": fmt.Sprintf("+1201%07d", n-firstVoice), "company": "Zylker",
	}}
}

// Len returns how many contacts there are.
func (b *VoiceBook) Len() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.ids)
}

// Page returns at most size contacts, in the order of ids, from an index on.
func (b *VoiceBook) Page(from, size int) []VoiceContact {
	b.mu.RLock()
	defer b.mu.RUnlock()
	from = min(from, len(b.ids))
	page := make([]VoiceContact, 0, size)
	for _, n := range b.ids[from:min(from+size, len(b.ids))] {
		page = append(page, b.get(n))
	}
	return page
}

// Get returns a contact, or false.
func (b *VoiceBook) Get(n ID) (VoiceContact, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if _, exists := slices.BinarySearch(b.ids, n); !exists {
		return VoiceContact{}, false
	}
	return b.get(n), true
}

// Add creates a contact and returns it with its id.
func (b *VoiceBook) Add(c VoiceContact) (VoiceContact, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c.ID = b.next + 1
	if err := b.journal.append(&line{Voice: &voiceLine{Set: &c}}); err != nil {
		return c, err
	}
	b.set(c)
	return c, nil
}

// Edit changes a contact, and reports whether it exists.
func (b *VoiceBook) Edit(n ID, edit func(*VoiceContact)) (c VoiceContact, exists bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, exists = slices.BinarySearch(b.ids, n); !exists {
		return c, false, nil
	}
	c = b.get(n)
	c.Fields = maps.Clone(c.Fields)
	edit(&c)
	if err := b.journal.append(&line{Voice: &voiceLine{Set: &c}}); err != nil {
		return c, true, err
	}
	b.set(c)
	return c, true, nil
}

// Remove deletes a contact, and reports whether it existed.
func (b *VoiceBook) Remove(n ID) (existed bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at, exists := slices.BinarySearch(b.ids, n)
	if !exists {
		return false, nil
	}
	if err := b.journal.append(&line{Voice: &voiceLine{Deleted: n}}); err != nil {
		return true, err
	}
	b.ids = slices.Delete(b.ids, at, at+1)
	delete(b.stored, n)
	return true, nil
}

// replay applies a line of the state file.
func (b *VoiceBook) replay(l *voiceLine) {
	if l.Set != nil {
		b.set(*l.Set)
	}
	if at, exists := slices.BinarySearch(b.ids, l.Deleted); exists {
		b.ids = slices.Delete(b.ids, at, at+1)
		delete(b.stored, l.Deleted)
	}
}

// export puts the book into a seed, and returns the largest id so far.
func (b *VoiceBook) export(o *Seed) ID {
	b.mu.RLock()
	defer b.mu.RUnlock()
	o.VoiceContacts = slices.SortedFunc(maps.Values(b.stored), func(x, y VoiceContact) int {
		return cmp.Compare(x.ID, y.ID)
	})
	o.DeletedVoice = nil
	for i := range b.generated {
		n := firstVoice + 1 + ID(i) //nolint:gosec // an index is never negative
		if _, exists := slices.BinarySearch(b.ids, n); !exists {
			o.DeletedVoice = append(o.DeletedVoice, n)
		}
	}
	return b.next
}

// A VoiceStatus is a value of contact_status.
type VoiceStatus struct {
	Display string `json:"display_value"`
	ID      string `json:"id"`
}

// VoiceStatuses returns the values of contact_status. Zoho Voice, Get all contact statuses, Sample Response.
func VoiceStatuses() []VoiceStatus {
	return []VoiceStatus{
		{"Active", "1000000000027"}, {"In Active", "1000000000029"}, {"VIP", "1000000000031"},
	}
}

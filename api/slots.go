package api

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// slotPoll is how often a process looks for a slot that another one gave back:
// often enough beside calls of some tenths of a second, and no load. Up to half
// of it is added by chance, so that processes do not look in step.
const slotPoll = 10 * time.Millisecond

// Slots are an org's calls in flight, shared by all processes of this machine:
// one locked file for each call. The system frees the locks of a process that
// dies. A Pacer uses them; they are not for use by many goroutines.
type Slots struct {
	files []string
	held  []*flock.Flock // nil: not ours
}

// OpenSlots takes part in the n slots in a folder, which it makes. Nothing is
// locked yet. All processes of an org must name the same folder; one that names
// fewer slots keeps to the first of them.
func OpenSlots(folder string, n int) (*Slots, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("share the calls in flight: %w", err)
	}
	s := &Slots{}
	for i := range max(n, 1) {
		s.files = append(s.files, filepath.Join(folder, fmt.Sprintf("%02d.lock", i)))
	}
	s.held = make([]*flock.Flock, len(s.files))
	return s, nil
}

// try takes a free slot, looking from a random one on. ok is false when other
// processes have them all.
func (s *Slots) try() (slot int, ok bool, err error) {
	first := rand.IntN(len(s.files))
	for i := range s.files {
		slot := (first + i) % len(s.files)
		if s.held[slot] != nil {
			continue
		}
		lock := flock.New(s.files[slot], flock.SetPermissions(0o600))
		ok, err := lock.TryLock()
		if err != nil {
			return 0, false, fmt.Errorf("share the calls in flight: %w", err)
		}
		if ok {
			s.held[slot] = lock
			return slot, true, nil
		}
	}
	return 0, false, nil
}

// release gives a slot back.
func (s *Slots) release(slot int) {
	_ = s.held[slot].Unlock() // closing the file frees the lock whatever happens
	s.held[slot] = nil
}

// slotWait is when to look again for a slot that another process has.
func slotWait() time.Duration { return slotPoll + rand.N(slotPoll/2) }

// takeSlot takes a slot. Slots that cannot be locked stop everything: without
// them the org's limit could be broken.
func (p *Pacer) takeSlot() (slot int, ok bool) {
	slot, ok, err := p.slots.try()
	if err != nil {
		p.endLocked(&Error{Ends: EndRefused, Message: "not sent", Err: err})
	}
	return slot, ok
}

// freeSlot gives the ticket's slot back, if it has one.
func (t ticket) freeSlot() {
	if t.slots != nil {
		t.slots.release(t.slot)
	}
}

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
	// turn is locked by all who take slots: shared while they take one, and
	// alone by one that waits for several, so that they come free one after the
	// other and nobody else takes them.
	turn  string
	alone *flock.Flock // turn, while we wait for several; nil: we do not
}

// OpenSlots takes part in the n slots in a folder, which it makes. Nothing is
// locked yet. All processes of an org must name the same folder; one that names
// fewer slots keeps to the first of them.
func OpenSlots(folder string, n int) (*Slots, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, shareError(err)
	}
	s := &Slots{turn: filepath.Join(folder, "turn.lock")}
	for i := range max(n, 1) {
		s.files = append(s.files, filepath.Join(folder, fmt.Sprintf("%02d.lock", i)))
	}
	s.held = make([]*flock.Flock, len(s.files))
	return s, nil
}

func shareError(err error) error { return fmt.Errorf("share the calls in flight: %w", err) }

func newLock(path string) *flock.Flock { return flock.New(path, flock.SetPermissions(0o600)) }

// take takes n free slots, or all there are if they are fewer. ok is false when
// others have too many of them: then it has none. One that asks for several
// keeps everybody from taking any until it has them, or steps aside.
func (s *Slots) take(n int) (slots []int, ok bool, err error) {
	n = min(n, len(s.files))
	if n > 1 {
		ok, err = s.goAlone()
	} else {
		var turn *flock.Flock
		if turn, ok, err = s.join(); ok {
			defer func() { _ = turn.Unlock() }()
		}
	}
	if !ok || err != nil {
		return nil, false, err
	}
	slots, err = s.lockFree(n)
	if err != nil || len(slots) < n {
		s.release(slots)
		return nil, false, err
	}
	s.stepAside()
	return slots, true, nil
}

// join reports that nobody waits for several slots, and keeps it so until the
// lock is given back.
func (s *Slots) join() (turn *flock.Flock, ok bool, err error) {
	turn = newLock(s.turn)
	if ok, err = turn.TryRLock(); err != nil {
		return nil, false, shareError(err)
	}
	return turn, ok, nil
}

// goAlone keeps all others from taking slots. ok is false when another does so
// at this moment.
func (s *Slots) goAlone() (ok bool, err error) {
	if s.alone != nil {
		return true, nil
	}
	turn := newLock(s.turn)
	if ok, err = turn.TryLock(); err != nil {
		return false, shareError(err)
	}
	if ok {
		s.alone = turn
	}
	return ok, nil
}

// stepAside ends goAlone.
func (s *Slots) stepAside() {
	if s.alone != nil {
		_ = s.alone.Unlock() // closing the file frees the lock whatever happens
		s.alone = nil
	}
}

// lockFree locks up to n free slots, looking from a random one on.
func (s *Slots) lockFree(n int) (slots []int, err error) {
	first := rand.IntN(len(s.files))
	for i := range s.files {
		slot := (first + i) % len(s.files)
		if s.held[slot] != nil {
			continue
		}
		lock := newLock(s.files[slot])
		ok, err := lock.TryLock()
		if err != nil {
			return slots, shareError(err)
		}
		if !ok {
			continue
		}
		s.held[slot] = lock
		if slots = append(slots, slot); len(slots) == n {
			break
		}
	}
	return slots, nil
}

// release gives slots back.
func (s *Slots) release(slots []int) {
	for _, slot := range slots {
		_ = s.held[slot].Unlock() // as in stepAside
		s.held[slot] = nil
	}
}

// slotWait is when to look again for a slot that another process has.
func slotWait() time.Duration { return slotPoll + rand.N(slotPoll/2) }

// takeSlots takes an attempt's slots. Slots that cannot be locked stop
// everything: without them the org's limit could be broken.
func (p *Pacer) takeSlots(n int) (slots []int, ok bool) {
	slots, ok, err := p.slots.take(n)
	if err != nil {
		p.endLocked(&Error{Ends: EndRefused, Message: "not sent", Err: err})
	}
	return slots, ok
}

// freeSlots gives the ticket's slots back, if it has any.
func (t ticket) freeSlots() {
	if t.slots != nil {
		t.slots.release(t.held)
	}
}

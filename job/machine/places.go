package machine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// Places are the calls in flight of an org, shared by all processes of this machine: one locked file for each. The
// system frees the locks of a process that dies. They are a pace.Places.
type Places struct {
	files []string
	held  []*flock.Flock // nil: not ours
	// turn is locked by everyone who takes places: shared while taking one, and alone while waiting for several. So
	// they come free one after the other, and nobody else takes them.
	turn  string
	alone *flock.Flock // turn, while we wait for several; nil: we do not
}

// Places returns the n calls in flight of an account. All processes that call it must use the same name; one that asks
// for fewer places uses the first of them. Nothing is locked yet.
func (m *Machine) Places(account string, n int) (*Places, error) {
	name := sha256.Sum256([]byte(account))
	folder := filepath.Join(m.folder, "slots", hex.EncodeToString(name[:8]))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, placesError(err)
	}
	p := &Places{turn: filepath.Join(folder, "turn.lock")}
	for i := range max(n, 1) {
		p.files = append(p.files, filepath.Join(folder, fmt.Sprintf("%02d.lock", i)))
	}
	p.held = make([]*flock.Flock, len(p.files))
	return p, nil
}

func placesError(err error) error { return fmt.Errorf("share the calls in flight: %w", err) }

// Take implements pace.Places.
func (p *Places) Take(n int) (places []int, ok bool, err error) {
	n = min(n, len(p.files))
	if n > 1 {
		ok, err = p.goAlone()
	} else {
		turn := newLock(p.turn)
		if ok, err = turn.TryRLock(); ok {
			defer func() { _ = turn.Unlock() }()
		}
	}
	if err != nil {
		return nil, false, placesError(err)
	}
	if !ok {
		return nil, false, nil
	}
	places, err = p.lockFree(n)
	if err != nil || len(places) < n {
		p.Release(places)
		return nil, false, err
	}
	p.StepAside()
	return places, true, nil
}

// goAlone keeps all others from taking places. ok is false if another process does so now.
func (p *Places) goAlone() (ok bool, err error) {
	if p.alone != nil {
		return true, nil
	}
	turn := newLock(p.turn)
	if ok, err = turn.TryLock(); ok {
		p.alone = turn
	}
	return ok, err
}

// StepAside implements pace.Places. It ends goAlone.
func (p *Places) StepAside() {
	if p.alone != nil {
		_ = p.alone.Unlock() // closing the file frees the lock whatever happens
		p.alone = nil
	}
}

// lockFree locks up to n free places, from a random one on.
func (p *Places) lockFree(n int) (places []int, err error) {
	first := rand.IntN(len(p.files))
	for i := range p.files {
		place := (first + i) % len(p.files)
		if p.held[place] != nil {
			continue
		}
		lock := newLock(p.files[place])
		ok, err := lock.TryLock()
		if err != nil {
			return places, placesError(err)
		}
		if !ok {
			continue
		}
		p.held[place] = lock
		if places = append(places, place); len(places) == n {
			break
		}
	}
	return places, nil
}

// Release implements pace.Places.
func (p *Places) Release(places []int) {
	for _, place := range places {
		_ = p.held[place].Unlock() // as in StepAside
		p.held[place] = nil
	}
}

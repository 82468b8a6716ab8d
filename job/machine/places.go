package machine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Places is the calls in flight of an org, which all processes of this machine share. It is a pace.Places. Each call in
// flight is a locked file. The operating system releases the locks of a process that dies.
type Places struct {
	files []lockFile
	held  []bool
	// turn is a lock for taking places. A process that takes one place shares the lock. A process that waits for several
	// places has the lock alone, so that nobody else takes the places that become free.
	turn  lockFile
	alone bool // this process has turn alone, because it waits for several places
}

// Places returns the n calls in flight of an account. All processes must use the same name for the account. A process
// with a smaller n uses the first n files. Places locks nothing yet.
func (m *Machine) Places(account string, n int) (*Places, error) {
	name := sha256.Sum256([]byte(account))
	folder := filepath.Join(m.folder, "slots", hex.EncodeToString(name[:8]))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, placesError(err)
	}
	p := &Places{turn: lockFile{path: filepath.Join(folder, "turn.lock")}}
	for i := range max(n, 1) {
		p.files = append(p.files, lockFile{path: filepath.Join(folder, fmt.Sprintf("%02d.lock", i))})
	}
	p.held = make([]bool, len(p.files))
	return p, nil
}

func placesError(err error) error { return fmt.Errorf("share the calls in flight: %w", err) }

// Take implements pace.Places.
func (p *Places) Take(n int) (places []int, ok bool, err error) {
	n = min(n, len(p.files))
	switch {
	case n > 1:
		ok, err = p.goAlone()
	case !p.alone:
		if ok, err = p.turn.tryShared(); ok {
			defer p.turn.unlock()
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

// goAlone takes turn alone, so that no other process takes places. ok is false if another process has turn.
func (p *Places) goAlone() (ok bool, err error) {
	if !p.alone {
		p.alone, err = p.turn.tryAlone()
	}
	return p.alone, err
}

// StepAside implements pace.Places. It ends goAlone.
func (p *Places) StepAside() {
	if p.alone {
		p.turn.unlock()
		p.alone = false
	}
}

// lockFree locks up to n free places, from a random one on.
func (p *Places) lockFree(n int) (places []int, err error) {
	first := rand.IntN(len(p.files))
	for i := range p.files {
		place := (first + i) % len(p.files)
		if p.held[place] {
			continue
		}
		ok, err := p.files[place].tryAlone()
		if err != nil {
			return places, placesError(err)
		}
		if !ok {
			continue
		}
		p.held[place] = true
		if places = append(places, place); len(places) == n {
			break
		}
	}
	return places, nil
}

// Release implements pace.Places.
func (p *Places) Release(places []int) {
	for _, place := range places {
		p.files[place].unlock()
		p.held[place] = false
	}
}

package org

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"rolecall/api/emulator/accounts"
)

// Wanted is the org that a store begins with, and the file that keeps it.
type Wanted struct {
	Seed      *Seed     // nil: a generated org
	Generated Generated // size of a generated org; 100 deals and 100 contacts where it is 0
	State     string    // the state file; "": in memory
	Reset     bool      // replaces an existing state file
}

// defaultRecords is the size of a generated org when the caller gives none.
const defaultRecords = 100

// seed returns the wanted org.
func (w *Wanted) seed() *Seed {
	if w.Seed != nil {
		return w.Seed
	}
	g := w.Generated
	if g.Deals == 0 {
		g.Deals = defaultRecords
	}
	if g.Contacts == 0 {
		g.Contacts = defaultRecords
	}
	return &Seed{Generated: g}
}

// A source is where an org comes from: the hash of a seed, or the size of a generated org.
type source struct {
	Seed      string    `json:"seed_sha256,omitempty"`
	Generated Generated `json:"generated,omitzero"`
}

func (w *Wanted) source() (source, error) {
	o := w.seed()
	if w.Seed == nil {
		return source{Generated: o.Generated}, nil
	}
	b, err := json.Marshal(o)
	if err != nil {
		return source{}, fmt.Errorf("encode the seed: %w", err)
	}
	sum := sha256.Sum256(b)
	return source{Seed: hex.EncodeToString(sum[:])}, nil
}

// fits reports whether the wanted org is the one of the file. If the caller wants no certain org, every org fits.
func (s source) fits(w *Wanted, wanted source) bool {
	g := w.Generated
	switch {
	case w.Seed != nil:
		return s.Seed == wanted.Seed
	case s.Seed != "":
		return g == Generated{}
	}
	return (g.Deals == 0 || g.Deals == s.Generated.Deals) &&
		(g.Contacts == 0 || g.Contacts == s.Generated.Contacts) &&
		(g.RolesPerDeal == 0 || g.RolesPerDeal == s.Generated.RolesPerDeal) &&
		(g.VoiceContacts == 0 || g.VoiceContacts == s.Generated.VoiceContacts)
}

func (s source) String() string {
	if s.Seed != "" {
		return "seed with SHA-256 " + s.Seed[:min(12, len(s.Seed))]
	}
	g := s.Generated
	if g.RolesPerDeal > 0 {
		return fmt.Sprintf("generated with %d deals, %d contacts and up to %d roles on a deal",
			g.Deals, g.Contacts, g.RolesPerDeal)
	}
	return fmt.Sprintf("generated with %d deals and %d contacts", g.Deals, g.Contacts)
}

// openState continues the org of the state file, or begins the file. It rewrites the file without its history.
func openState(w Wanted, r *accounts.Registry) (*Store, error) {
	wanted, err := w.source()
	if err != nil {
		return nil, err
	}
	s, from, err := readState(w, r)
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		if s, err = newStore(w.seed(), r); err != nil {
			return nil, err
		}
		from = wanted
	case !from.fits(&w, wanted):
		return nil, fmt.Errorf("the file has another org (%s) than the wanted one (%s); use --reset to replace it, "+
			"or leave out --seed, --deals, --contacts and --max-roles to continue with it", from, wanted)
	}
	s.journal, err = rewriteJournal(w.State, s, from)
	s.Voice.journal = s.journal
	return s, err
}

// readState replays the file. A nil store means that there is no org in it.
func readState(w Wanted, r *accounts.Registry) (*Store, source, error) {
	if w.Reset {
		return nil, source{}, nil
	}
	f, err := os.Open(w.State)
	if errors.Is(err, os.ErrNotExist) {
		return nil, source{}, nil
	}
	if err != nil {
		return nil, source{}, err
	}
	defer func() { _ = f.Close() }() // only read
	dec := json.NewDecoder(f)
	var first line
	if err := dec.Decode(&first); errors.Is(err, io.EOF) {
		return nil, source{}, nil // an empty file, which the user made before the first run
	} else if err != nil || first.Head == nil || first.Head.Format != stateFormat {
		return nil, source{}, errors.New("this is not a state file of this emulator; name another, " +
			"or use --reset to replace it")
	}
	s, err := newStore(first.Head.Org, r)
	if err != nil {
		return nil, source{}, err
	}
	s.picklist.next = max(s.picklist.next, first.Head.Next)
	s.Voice.next = max(s.Voice.next, first.Head.Voice)
	for n := 2; ; n++ {
		var l line
		err := dec.Decode(&l)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return s, first.Head.Source, nil
		}
		if err == nil {
			err = s.replay(&l)
		}
		if err != nil {
			return nil, source{}, fmt.Errorf("line %d: %w; use --reset to replace the file", n, err)
		}
	}
}

// replay applies a line of the state file.
func (s *Store) replay(l *line) error {
	switch {
	case l.Change != accounts.Change{}:
		return s.registry.Replay(l.Change)
	case l.Roles != nil:
		p, err := newPicklist(l.Roles.Roles, l.Roles.Deleted)
		p.next = max(p.next, l.Roles.Next)
		s.picklist = p
		return err
	case l.Voice != nil:
		s.Voice.replay(l.Voice)
		return nil
	case l.Deleted != nil:
		return s.replayDeleted(cmp.Or(l.Module, Deals), l.Deleted)
	case l.Records != nil:
		return s.replayRecords(l.Module, l.Records)
	case l.Restored != nil:
		return s.replayRestored(l.Module, l.Restored)
	}
	if _, err := s.Remove(l.Deal, l.Unset); err != nil {
		return err
	}
	set := make([]Relation, 0, len(l.Set))
	for contact, role := range l.Set {
		set = append(set, Relation{Contact: contact, Role: role})
	}
	_, err := s.Assign(l.Deal, set, false)
	return err
}

package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// A journal is the state file: a first line with the org as it was when the
// file was opened, then one line for each change, each written with one write
// before its call is answered. The process may be killed at any time; a line
// that was torn by it was never answered and is dropped. Power failures are
// not guarded against: it is a rehearsal.
//
// One process at a time may have the file open; its owner holds a lock.
type journal struct {
	file *os.File
	size int64
	err  error // once set, nothing is written any more
}

// stateFormat is the version of the file's form.
const stateFormat = 1

// A line of the file: the head, or one change.
type line struct {
	Head  *head         `json:"head,omitempty"`
	Deal  id            `json:"deal,omitzero"`
	Set   map[id]id     `json:"set,omitempty"`   // contact: role
	Unset []id          `json:"unset,omitempty"` // contacts
	Roles *picklistLine `json:"roles,omitempty"`

	Deleted []deletion `json:"deleted,omitempty"` // deals

	Client  *Client  `json:"client,omitempty"` // without an id: any
	Granted *granted `json:"granted,omitempty"`
	Revoked string   `json:"revoked,omitempty"` // a refresh token
}

// A head says which org this is. Source tells whether the same one is asked
// for again.
type head struct {
	Format int    `json:"rolecall_emulator"`
	Source source `json:"source"`
	Org    *Org   `json:"org"`
	Next   id     `json:"next_role_id"`
}

type picklistLine struct {
	Roles   []OrgRole `json:"contact_roles"`
	Deleted []OrgRole `json:"deleted_contact_roles,omitempty"`
	Next    id        `json:"next_role_id"`
}

var errClosed = errors.New("the state file is closed")

// openJournal takes up the org in o.State, or begins the file, and leaves a
// file without history.
func openJournal(o *Options) (*store, error) {
	wanted, err := o.source()
	if err != nil {
		return nil, err
	}
	s, found, err := readJournal(o)
	switch {
	case err != nil:
		return nil, fmt.Errorf("state file %s: %w", o.State, err)
	case s == nil:
		if s, err = newStore(o.wantedOrg()); err != nil {
			return nil, err
		}
		found = wanted
	case !found.fits(o, wanted):
		return nil, fmt.Errorf("state file %s holds another org (%s) than the one asked for (%s): "+
			"--reset starts afresh, and without --seed, --deals, --contacts and --max-roles the org in the file is taken up", o.State, found, wanted)
	}
	if s.journal, err = rewriteJournal(o.State, s, found); err != nil {
		return nil, fmt.Errorf("state file %s: %w", o.State, err)
	}
	return s, nil
}

// readJournal replays the file; a nil store means that there is none.
func readJournal(o *Options) (*store, source, error) {
	if o.Reset {
		return nil, source{}, nil
	}
	f, err := os.Open(o.State)
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
		return nil, source{}, nil // an empty file, made beforehand by its owner
	} else if err != nil || first.Head == nil || first.Head.Format != stateFormat {
		return nil, source{}, errors.New("this is no state file of this emulator: name another, or replace it with --reset")
	}
	s, err := newStore(first.Head.Org)
	if err != nil {
		return nil, source{}, err
	}
	s.picklist.next = max(s.picklist.next, first.Head.Next)
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
			return nil, source{}, fmt.Errorf("line %d: %w; replace the file with --reset", n, err)
		}
	}
}

func (s *store) replay(l *line) error {
	if ours, err := s.replaySignIn(l); ours || err != nil {
		return err
	}
	if l.Roles != nil {
		p, err := newPicklist(l.Roles.Roles, l.Roles.Deleted)
		if err != nil {
			return err
		}
		p.next = max(p.next, l.Roles.Next)
		s.picklist = p
		return nil
	}
	if l.Deleted != nil {
		return s.forget(l.Deleted)
	}
	if _, err := s.remove(l.Deal, l.Unset); err != nil {
		return err
	}
	set := make([]relation, 0, len(l.Set))
	for contact, role := range l.Set {
		set = append(set, relation{contact: contact, role: role})
	}
	_, err := s.assign(l.Deal, set, false)
	return err
}

// deal notes the change of one deal.
func (j *journal) deal(deal id, before, after []relation) error {
	return j.append(changed(deal, before, after))
}

// changed is the line that makes one list of relations out of another.
func changed(deal id, before, after []relation) *line {
	l := line{Deal: deal, Set: make(map[id]id)}
	for _, r := range after {
		if !slices.Contains(before, r) {
			l.Set[r.contact] = r.role
		}
	}
	for _, r := range before {
		if _, stays := slices.BinarySearchFunc(after, r, byContact); !stays {
			l.Unset = append(l.Unset, r.contact)
		}
	}
	return &l
}

// picklist notes the whole new picklist: it is small, and rarely changed.
func (j *journal) picklist(p *picklist) error {
	roles, deleted := p.export()
	return j.append(&line{Roles: &picklistLine{Roles: roles, Deleted: deleted, Next: p.next}})
}

func (j *journal) append(l *line) error {
	if j.err != nil {
		return j.err
	}
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	n, err := j.file.Write(append(b, '\n'))
	if err != nil {
		// Half a line must not stand before the next one.
		if undo := j.file.Truncate(j.size); undo != nil {
			j.err = errors.Join(err, undo)
		}
		return err
	}
	j.size += int64(n)
	return nil
}

func (j *journal) close() error {
	if errors.Is(j.err, errClosed) {
		return nil
	}
	j.err = errClosed
	return errors.Join(j.file.Sync(), j.file.Close())
}

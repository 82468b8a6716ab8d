package org

import (
	"bufio"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"rolecall/api/emulator/accounts"
)

// A journal is the state file. Its first line is the org when the file was opened. Each later line is one change, and
// one write puts it in the file before its call is answered. So the process may be killed at any time: a torn last line
// was never answered, and the next start drops it. The journal does not guard against power failures.
//
// One process at a time may have the file open. The owner of the emulator holds a lock.
type journal struct {
	mu   sync.Mutex
	file *os.File
	size int64
	err  error // once set, nothing is written any more
}

// stateFormat is the version of the file's form.
const stateFormat = 1

// A line of the file is the head or one change.
type line struct {
	Head     *head         `json:"head,omitempty"`
	Deal     ID            `json:"deal,omitzero"`
	Set      map[ID]ID     `json:"set,omitempty"`   // contact: role
	Unset    []ID          `json:"unset,omitempty"` // contacts
	Roles    *picklistLine `json:"roles,omitempty"`
	Module   Module        `json:"module,omitempty"` // of what follows; "": Deals
	Records  []Record      `json:"records,omitempty"`
	Deleted  []Deletion    `json:"deleted,omitempty"`
	Restored []ID          `json:"restored,omitempty"`
	Voice    *voiceLine    `json:"voice,omitempty"`
	accounts.Change
}

// A head identifies the org of a file. Source tells whether the same org is wanted when the file is opened.
type head struct {
	Format int    `json:"rolecall_emulator"`
	Source source `json:"source"`
	Org    *Seed  `json:"org"`
	Next   ID     `json:"next_role_id"`
	Voice  ID     `json:"last_voice_id,omitzero"`
}

type picklistLine struct {
	Roles   []SeedRole `json:"contact_roles"`
	Deleted []SeedRole `json:"deleted_contact_roles,omitempty"`
	Next    ID         `json:"next_role_id"`
}

var errClosed = errors.New("the state file is closed")

// difference returns the line that turns one list of relations into another.
func difference(deal ID, before, after []Relation) *line {
	l := line{Deal: deal, Set: make(map[ID]ID)}
	for _, r := range after {
		if !slices.Contains(before, r) {
			l.Set[r.Contact] = r.Role
		}
	}
	for _, r := range before {
		if _, stays := slices.BinarySearchFunc(after, r.Contact, ByContact); !stays {
			l.Unset = append(l.Unset, r.Contact)
		}
	}
	return &l
}

// append writes a line. A nil journal writes nothing.
func (j *journal) append(l *line) error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return j.err
	}
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	n, err := j.file.Write(append(b, '\n'))
	if err != nil {
		// The next line must not follow half a line.
		if undo := j.file.Truncate(j.size); undo != nil {
			j.err = errors.Join(err, undo)
		}
		return err
	}
	j.size += int64(n)
	return nil
}

func (j *journal) close() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if errors.Is(j.err, errClosed) {
		return nil
	}
	j.err = errClosed
	return errors.Join(j.file.Sync(), j.file.Close())
}

// rewriteJournal replaces the file by one that has the org of this moment and no history. It leaves the file open.
func rewriteJournal(name string, s *Store, from source) (*journal, error) {
	// CreateTemp makes it 0600, and never writes into a file that is there.
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".rolecall-*.tmp")
	if err != nil {
		return nil, err
	}
	temporary := f.Name()
	err = errors.Join(writeSnapshot(f, s, from), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(temporary, name)
	}
	if err != nil {
		return nil, errors.Join(err, os.Remove(temporary))
	}
	if f, err = os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &journal{file: f, size: info.Size()}, nil
}

func writeSnapshot(f *os.File, s *Store, from source) error {
	p := s.picture()
	seed := p.seed(s)
	seed.Client = s.registry.Client()
	w := bufio.NewWriterSize(f, 1<<20)
	enc := json.NewEncoder(w)
	first := head{Format: stateFormat, Source: from, Org: &seed, Next: p.picklist.next, Voice: s.Voice.export(&seed)}
	if err := enc.Encode(line{Head: &first}); err != nil {
		return err
	}
	if err := s.writeRecords(enc); err != nil {
		return err
	}
	for _, deal := range slices.Sorted(maps.Keys(p.relations)) {
		if err := enc.Encode(difference(deal, s.generatedRelations(deal), p.relations[deal])); err != nil {
			return err
		}
	}
	// Deletions come after the relations, which deleted deals keep.
	for m, deleted := range p.deleted {
		if err := enc.Encode(line{Module: m, Deleted: deleted}); err != nil {
			return err
		}
	}
	for _, g := range s.registry.Grants() {
		if err := enc.Encode(line{Change: accounts.Change{Granted: &g}}); err != nil {
			return err
		}
	}
	return w.Flush()
}

// recordsInLine keeps the lines of the first snapshot short.
const recordsInLine = 100

// writeRecords writes what calls wrote to records.
func (s *Store) writeRecords(enc *json.Encoder) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, m := range s.Modules() {
		t := s.tables[m]
		for ids := range slices.Chunk(slices.Sorted(maps.Keys(t.changed)), recordsInLine) {
			l := line{Module: m}
			for _, n := range ids {
				l.Records = append(l.Records, t.export(n))
			}
			if err := enc.Encode(l); err != nil {
				return err
			}
		}
	}
	return nil
}

package emulator

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
)

// A source says where an org came from: a seed, by its hash, or the numbers
// that it was generated with.
type source struct {
	Seed      string    `json:"seed_sha256,omitempty"`
	Generated Generated `json:"generated,omitzero"`
}

func (o *Options) source() (source, error) {
	org := o.wantedOrg()
	if o.Org == nil {
		return source{Generated: org.Generated}, nil
	}
	b, err := json.Marshal(org)
	if err != nil {
		return source{}, fmt.Errorf("encode the seed: %w", err)
	}
	sum := sha256.Sum256(b)
	return source{Seed: hex.EncodeToString(sum[:])}, nil
}

// fits says whether the options ask for the org that was found: one that is
// not described asks for whatever there is.
func (s source) fits(o *Options, wanted source) bool {
	switch {
	case o.Org != nil:
		return s.Seed == wanted.Seed
	case s.Seed != "":
		return o.Deals == 0 && o.Contacts == 0 && o.RolesPerDeal == 0
	}
	return (o.Deals == 0 || o.Deals == s.Generated.Deals) && (o.Contacts == 0 || o.Contacts == s.Generated.Contacts) &&
		(o.RolesPerDeal == 0 || o.RolesPerDeal == s.Generated.RolesPerDeal)
}

func (s source) String() string {
	if s.Seed != "" {
		return "seed with SHA-256 " + s.Seed[:min(12, len(s.Seed))]
	}
	g := s.Generated
	if g.RolesPerDeal > 0 {
		return fmt.Sprintf("generated with %d deals, %d contacts and up to %d roles on a deal", g.Deals, g.Contacts, g.RolesPerDeal)
	}
	return fmt.Sprintf("generated with %d deals and %d contacts", g.Deals, g.Contacts)
}

// rewriteJournal puts a file in place that holds the org of this moment and
// nothing of how it came about, and leaves it open for changes.
func rewriteJournal(name string, s *store, from source) (j *journal, err error) {
	temporary := name + ".new"
	f, err := os.OpenFile(temporary, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
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

func writeSnapshot(f *os.File, s *store, from source) error {
	p := s.picture()
	records := *s.seed
	records.Roles, records.DeletedRoles = p.picklist.export()
	records.DealRoles = nil
	records.DeletedDeals = p.deals.gone
	records.Client = s.knownClient()
	w := bufio.NewWriterSize(f, 1<<20)
	enc := json.NewEncoder(w)
	if err := enc.Encode(line{Head: &head{Format: stateFormat, Source: from, Org: &records, Next: p.picklist.next}}); err != nil {
		return err
	}
	for _, deal := range slices.Sorted(maps.Keys(p.relations)) {
		if err := enc.Encode(changed(deal, s.base.madeUpRelations(deal), p.relations[deal])); err != nil {
			return err
		}
	}
	for _, g := range s.grants() {
		if err := enc.Encode(line{Granted: &g}); err != nil {
			return err
		}
	}
	return w.Flush()
}

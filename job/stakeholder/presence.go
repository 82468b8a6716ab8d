package stakeholder

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job/lookup"
)

// byContactID is the name of contact ids for Presence. A run does not look them up: it sends them as they are.
const byContactID = "contact id"

// Presence finds out which of the deals and contacts of a table an org has, before a run of it.
type Presence struct {
	All bool // look up all rows, not only a sample

	finder *lookup.Finder
	known  work // for the fields
	seed   maphash.Seed
	kinds  []*present
}

// present counts the values of one kind.
type present struct {
	by              string
	waits           []string        // values that are not looked up yet
	seen            map[uint64]bool // the hashes of all values, so that each is looked up once
	looked, missing int
	first           []string // the first missing ones, for the message
}

// NewPresence returns a Presence for an org.
func NewPresence(zoho lookup.Zoho, version api.Version, say func(string)) *Presence {
	p := &Presence{seed: maphash.MakeSeed(), finder: lookup.New(zoho, version, say), known: work{fields: fields()}}
	p.known.fields[byContactID] = lookup.Field{Module: "Contacts", Names: []string{"id"}, Exact: true}
	return p
}

// Keys checks that the org has the fields of --external-id, as a run does before its first look-up.
func (p *Presence) Keys(ctx context.Context, zoho lookup.Fielder, external csvio.External) (err error) {
	p.known.keys, err = lookup.CheckKeys(ctx, zoho, external)
	return keyError(err)
}

// Add adds the deal and the contact of the row that in read last.
func (p *Presence) Add(ctx context.Context, in *csvio.Reader) error {
	for _, one := range []struct {
		column csvio.Field
		by     string
		names  []csvio.Field
	}{
		{csvio.DealID, byDealID, []csvio.Field{csvio.DealName}},
		{csvio.ContactID, byContactID, []csvio.Field{csvio.ContactEmail, csvio.ContactName}},
	} {
		s := keyOf(in, one.column)
		if id, err := csvio.ParseID(in.Value(one.column)); s == nil && err == nil {
			s = &sought{By: one.by, Text: id}
		} else if s == nil && blank(in, one.column) {
			s = soughtBy(in, one.names...)
		}
		if s == nil {
			continue
		}
		if err := p.add(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (p *Presence) add(ctx context.Context, s *sought) error {
	i := slices.IndexFunc(p.kinds, func(k *present) bool { return k.by == s.By })
	if i < 0 {
		i = len(p.kinds)
		p.kinds = append(p.kinds, &present{by: s.By, seen: map[uint64]bool{}})
	}
	k := p.kinds[i]
	f := p.known.field(s.By)
	hash := maphash.String(p.seed, f.Key(s.Text))
	if k.seen[hash] || !p.All && len(k.waits) == p.finder.Most(&f) {
		return nil
	}
	k.waits, k.seen[hash] = append(k.waits, s.Text), true
	if p.All && len(k.waits) == p.finder.Most(&f) {
		return p.find(ctx, k)
	}
	return nil
}

// find looks up the waiting values of a kind.
func (p *Presence) find(ctx context.Context, k *present) error {
	if len(k.waits) == 0 {
		return nil
	}
	answers, err := p.finder.Find(ctx, p.known.field(k.by), k.waits)
	if err != nil {
		return err
	}
	for i := range answers {
		if len(answers[i].Hits) > 0 {
			continue
		}
		if k.missing++; len(k.first) < shownNames {
			k.first = append(k.first, fmt.Sprintf("%.60q", k.waits[i]))
		}
	}
	k.looked, k.waits = k.looked+len(k.waits), nil
	return nil
}

// End looks up the waiting values. It returns, as texts for each kind, how many values were looked up and how many of
// them the org does not have. none reports whether the org has no value of some kind.
func (p *Presence) End(ctx context.Context) (looked, missing []string, none bool, err error) {
	for _, k := range p.kinds {
		if err := p.find(ctx, k); err != nil {
			return nil, nil, false, err
		}
		looked = append(looked, fmt.Sprintf("%d by %s", k.looked, k.by))
		if k.missing > 0 {
			missing = append(missing, fmt.Sprintf("%d of %d by %s (%s)", k.missing, k.looked, k.by, strings.Join(k.first, ", ")))
			none = none || k.missing == k.looked
		}
	}
	return looked, missing, none, nil
}

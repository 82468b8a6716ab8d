package export

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"rolecall/api"
	"rolecall/job"
)

// lookup gets records of a module by their ids. It is safe for use by many goroutines.
type lookup struct {
	zoho    zoho
	version api.Version
	module  string
	fields  []string    // of each record
	noQuery atomic.Bool // Zoho does not take COQL here
}

func newLookup(org *job.Org, o *Options) *lookup {
	return &lookup{
		zoho: org.Client, version: org.Version, module: modDeals, fields: fieldsOf(modDeals, o.Fields),
	}
}

// byKeys returns the records with these keys, by key. It leaves out keys without a record. keys must fit in one query.
func (l *lookup) byKeys(ctx context.Context, keys []string) (map[string]api.Record, error) {
	records, err := l.byIDs(ctx, idsOf(keys))
	if err != nil {
		return nil, err
	}
	there := make(map[string]api.Record, len(records))
	for _, r := range records {
		there[key(r.ID)] = r
	}
	return there, nil
}

// idsOf returns the ids of some keys in the order of numbers, each once.
func idsOf(keys []string) []string {
	ids := make([]string, len(keys))
	for i, k := range keys {
		ids[i] = unkey(k)
	}
	slices.SortFunc(ids, func(a, b string) int { return strings.Compare(key(a), key(b)) })
	return slices.Compact(ids)
}

// byIDs returns the records with these ids, as far as they exist. It uses Get Records if COQL is not allowed.
func (l *lookup) byIDs(ctx context.Context, ids []string) ([]api.Record, error) {
	if !l.noQuery.Load() {
		query := fmt.Sprintf("select %s from %s where id in ('%s') limit %d",
			queryColumns(l.fields, l.version), l.module, strings.Join(ids, "','"), len(ids))
		page, err := l.zoho.Query(ctx, query, len(ids))
		if !api.NotOffered(err) {
			joinNames(page.Records, l.fields, l.version)
			return l.whole(page, err)
		}
		l.noQuery.Store(true)
	}
	return l.byRecords(ctx, ids)
}

// byRecords returns the records with these ids, as far as they exist, by Get Records.
func (l *lookup) byRecords(ctx context.Context, ids []string) ([]api.Record, error) {
	if err := ownFields(l.module, l.fields); err != nil {
		return nil, err
	}
	return l.whole(l.zoho.Records(ctx, l.module, api.RecordsQuery{Fields: l.fields, IDs: ids}))
}

// whole returns the records of the only page. It fails if Zoho says that another page follows.
func (l *lookup) whole(page api.Page, err error) ([]api.Record, error) {
	if err == nil && page.More {
		err = refuse("look up %s: Zoho sent %d, and more_records is true, though all fit on one page",
			l.module, len(page.Records))
	}
	return page.Records, err
}

// missing collects the deals that the user named and the org does not have.
type missing struct {
	keys map[string]bool
	text []string // the first of them, for the message
}

// shownMissing is how many missing deals a message lists.
const shownMissing = 5

// add adds the deal of a row.
func (m *missing) add(r *job.Row) {
	var ask lineAsk
	text := unkey(r.Key)
	if json.Unmarshal(r.Ask, &ask) == nil && ask.Name+ask.Key != "" {
		text = strconv.Quote(cmp.Or(ask.Key, ask.Name))
	}
	if ask.Cell != "" {
		text += fmt.Sprintf(" with an id that could be rounded to %.60q", ask.Cell)
	}
	if m.keys[text] {
		return
	}
	if m.keys == nil {
		m.keys = map[string]bool{}
	}
	m.keys[text] = true
	if len(m.text) == shownMissing {
		return
	}
	if ask.Line > 0 { // 0: an earlier process replaced the request
		text += fmt.Sprintf(" (line %d)", ask.Line)
	}
	m.text = append(m.text, text)
}

// err returns an error that lists the missing deals, or nil if no deal is missing.
func (m *missing) err() error {
	texts := m.text
	switch more := len(m.keys) - shownMissing; {
	case len(m.keys) == 0:
		return nil
	case more > 0:
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return &job.UsageError{Err: fmt.Errorf("this org has no such deal, or does not show it to this user: %s; "+
		"take it out of what you name, or check that this is the right org", strings.Join(texts, ", "))}
}

// Resolve implements job.Work. It looks up the deals that the user named. At the end it refuses the export if any of
// them is missing.
func (w *work) Resolve(ctx context.Context, rows []job.Row) error {
	if len(rows) == 0 {
		return w.missing.err()
	}
	var deals []*job.Row
	for i := range rows {
		if rows[i].Phase != phaseDeals { // the other rows are contacts from the list
			continue
		}
		there, err := w.setKey(&rows[i])
		if err != nil {
			return err
		}
		if there {
			deals = append(deals, &rows[i])
		} else {
			w.missing.add(&rows[i])
		}
	}
	for some := range slices.Chunk(deals, w.org.Version.MostInQuery()) {
		keys := make([]string, len(some))
		for i, r := range some {
			keys[i] = r.Key
		}
		there, err := w.lookup.byKeys(ctx, keys)
		if err != nil {
			return explain(&w.Options, modDeals, err)
		}
		for _, r := range some {
			if deal, ok := there[r.Key]; ok {
				r.Ask = job.Encode(pick(w.lookup.fields, deal.Fields))
			} else {
				w.missing.add(r)
			}
		}
	}
	return nil
}

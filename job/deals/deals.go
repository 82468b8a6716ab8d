// Package deals reads the contacts of deals. It reads each deal in a call of its own, or five deals in a composite
// call once one composite answer was found to equal a plain one.
package deals

import (
	"context"
	"errors"

	"rolecall/api"
)

// Zoho is the part of an org's API that a Reader uses. *api.Client implements it.
type Zoho interface {
	DealContactRoles(ctx context.Context, deal string, fields ...string) ([]api.DealContact, error)
	DealsContactRoles(ctx context.Context, deals []string, fields ...string) ([]api.DealReading, error)
}

// Composed is what is known about an org's composite requests, which read five deals for one credit. Zoho's documents
// do not say that contact roles can be read with them, so a Reader compares the first answer with that of a plain
// call.
type Composed = string

// The values of Composed. "" means that nothing is known yet.
const (
	Works   Composed = "works"
	Refused Composed = "refused"
)

// Finding is the name of the stored finding about composite requests, a Composed.
const Finding = "composite GET /Deals/{id}/Contact_Roles"

// Options configures a Reader.
type Options struct {
	Zoho   Zoho
	Fields []string // API names of the contact fields to read; none: Zoho's default fields

	Plain       bool              // read each deal in a call of its own, as the user or the API version wants
	EmptyProves bool              // a deal without contacts is enough to trust composite answers
	Known       Composed          // what earlier runs found out
	Remember    func(Composed)    // stores a finding for later runs
	Say         func(text string) // shows people a note
	Places      func() int        // returns how many calls in flight are allowed now
	Over        func() bool       // reports whether nothing new may be sent
}

// Reading is the result of reading one deal.
type Reading struct {
	Contacts []api.DealContact
	Read     bool       // false: the deal was not read, because nothing new may be sent or because of Err
	Err      *api.Error // why Zoho refused the read; nil: it did not refuse
}

// Reader reads the contacts of deals. It is safe for use by many goroutines.
type Reader struct {
	Options

	composed composed
}

// New returns a Reader.
func New(o Options) *Reader {
	return &Reader{Options: o, composed: composed{known: o.Known, turn: make(chan struct{}, 1)}}
}

// Together returns the most deals that one Read takes.
func (r *Reader) Together() int {
	if r.Plain {
		return 1
	}
	return api.MostDeals
}

// Read reads up to Together deals and returns a Reading for each, in the order of ids. An error ends the run. Then
// there are no Readings.
func (r *Reader) Read(ctx context.Context, ids []string) ([]Reading, error) {
	read := make([]Reading, len(ids))
	if len(ids) > 1 && r.composes() {
		if err := r.compose(ctx, ids, read); err != nil {
			return nil, err
		}
	}
	for i, id := range ids {
		if read[i].Read || r.Over() {
			continue
		}
		var err error
		if read[i], err = r.one(ctx, id); err != nil {
			return nil, err
		}
	}
	return read, nil
}

// one reads one deal in a call of its own.
func (r *Reader) one(ctx context.Context, id string) (Reading, error) {
	contacts, err := r.Zoho.DealContactRoles(ctx, id, r.Fields...)
	if err == nil {
		return Reading{Contacts: contacts, Read: true}, nil
	}
	own, ends := ownError(err)
	return Reading{Err: own}, ends
}

// ownError returns err as own if it concerns one deal, else as ends.
func ownError(err error) (own *api.Error, ends error) {
	if e, ok := errors.AsType[*api.Error](err); ok && e.Ends == api.EndNone {
		return e, nil
	}
	return nil, err
}

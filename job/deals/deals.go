// Package deals reads who is on deals: each by a call of its own, or five to a call where that serves and is proven to tell the same.
package deals

import (
	"context"
	"errors"

	"rolecall/api"
)

// Zoho is what the reading needs of an org. *api.Client is one.
type Zoho interface {
	DealContactRoles(ctx context.Context, deal string, fields ...string) ([]api.DealContact, error)
	DealsContactRoles(ctx context.Context, deals []string, fields ...string) ([]api.DealReading, error)
}

// Composed is what is known of an org's composite requests, by which five deals are read for one credit. Zoho's documents do not say that contact roles may be read in them: the first answer is held
// to that of a plain call.
type Composed = string

// What may be known of them; "" is nothing yet.
const (
	Works   Composed = "works"
	Refused Composed = "refused"
)

// Finding is the name under which it is remembered.
const Finding = "composite GET /Deals/{id}/Contact_Roles"

// Options say how deals are read.
type Options struct {
	Zoho   Zoho
	Fields []string // of each contact, by API name; none: what Zoho gives anyway

	Plain       bool              // each deal by a call of its own, because the user or the API's version says so
	EmptyProves bool              // a deal without anybody proves enough: nothing is lost by believing that nobody is on a deal
	Known       Composed          // from earlier runs
	Remember    func(Composed)    // for later ones
	Say         func(text string) // to people
	Places      func() int        // calls in flight that are allowed now
	Over        func() bool       // whether nothing new may be sent
}

// Reading is what is known of a deal after it was read.
type Reading struct {
	Contacts []api.DealContact
	Read     bool       // false: it was not read, because nothing new may be sent or because of Err
	Err      *api.Error // why Zoho did not let it be read
}

// Reader reads deals.
type Reader struct {
	Options

	composed composed
}

// New makes a Reader.
func New(o Options) *Reader {
	return &Reader{Options: o, composed: composed{known: o.Known, turn: make(chan struct{}, 1)}}
}

// Together is how many deals one call may read.
func (r *Reader) Together() int {
	if r.Plain {
		return 1
	}
	return api.MostDeals
}

// Read reads up to Together deals. An error is one that ends the run, and then nothing is known of any of them.
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

// one reads one deal by a call of its own.
func (r *Reader) one(ctx context.Context, id string) (Reading, error) {
	contacts, err := r.Zoho.DealContactRoles(ctx, id, r.Fields...)
	if err == nil {
		return Reading{Contacts: contacts, Read: true}, nil
	}
	own, ends := ownError(err)
	return Reading{Err: own}, ends
}

// ownError tells an error that is a deal's own from one that ends the run.
func ownError(err error) (own *api.Error, ends error) {
	if e, ok := errors.AsType[*api.Error](err); ok && e.Ends == api.EndNone {
		return e, nil
	}
	return nil, err
}

package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// codeUnknownClient is what an accounts server says to a client that it does
// not know, before it looks at anything else (Zoho CRM API v8, OAuth errors).
const codeUnknownClient = "invalid_client"

// FoundCentre is a data centre that knows a client.
type FoundCentre struct {
	DataCentre

	TakesToken bool // it gave an access token for the refresh token
}

// OtherDataCentres are those that FindDataCentre sends the secrets to: Zoho's,
// without the client's own. Of Zoho nothing is asked for that; an emulator, whose
// others are those that it lists, is asked for its list, and errors are of that.
func OtherDataCentres(ctx context.Context, c Client) ([]DataCentre, error) {
	a, err := c.server()
	if err != nil {
		return nil, err
	}
	return a.others(ctx)
}

// FindDataCentre gives the other data centres that know the client: those that
// answer a refresh with anything but invalid_client. The one that takes the
// refresh token too comes first; it has then given an access token, one of ten
// in ten minutes. The refresh token may be "". All are asked at once.
//
// The error joins those of the centres that could not be asked; what the others
// said is given along with it. An emulator's centres are those that it lists.
func FindDataCentre(ctx context.Context, c Client, refreshToken string) ([]FoundCentre, error) {
	if refreshToken == "" {
		refreshToken = "unknown" // a request without one is not sent
	}
	a, err := c.server(part{"refresh token", refreshToken, true})
	if err != nil {
		return nil, err
	}
	others, err := a.others(ctx)
	if err != nil {
		return nil, err
	}
	found := make([]trial, len(others))
	var wg sync.WaitGroup
	for i, d := range others {
		wg.Go(func() { found[i] = a.try(ctx, d, refreshToken) })
	}
	wg.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return sortTrials(found)
}

// trial is what a data centre said to a client.
type trial struct {
	centre DataCentre
	rank   int   // 0: it took the token; 1: it knows the client; 2: neither
	err    error // it could not be asked
}

// The ranks that are asked for.
const (
	tookToken     = 0
	unknownClient = 2
)

func (a *accountsServer) try(ctx context.Context, d DataCentre, refreshToken string) trial {
	t := trial{centre: d, rank: unknownClient}
	base, err := CheckURL(d.AccountsURL)
	if err != nil {
		t.err = err
		return t
	}
	ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	_, err = a.at(base).refresh(ctx, refreshToken)
	refused, ok := errors.AsType[*Error](err)
	switch {
	case err == nil:
		t.rank = tookToken
	case !ok || refused.Code == "" || refused.Temporary():
		t.err = fmt.Errorf("data centre %s: %w", d.Name, err)
	case refused.Code != codeUnknownClient:
		t.rank = 1
	}
	return t
}

func sortTrials(found []trial) ([]FoundCentre, error) {
	slices.SortStableFunc(found, func(x, y trial) int { return cmp.Compare(x.rank, y.rank) })
	var known []FoundCentre
	var failed []error
	for _, t := range found {
		if t.rank < unknownClient {
			known = append(known, FoundCentre{t.centre, t.rank == tookToken})
		}
		failed = append(failed, t.err)
	}
	return known, errors.Join(failed...)
}

// others are the data centres but the one at hand.
func (a *accountsServer) others(ctx context.Context) ([]DataCentre, error) {
	all := DataCentres()
	if a.isLoopback() {
		listed, err := a.locations(ctx)
		if err != nil {
			return nil, err
		}
		all = nil
		for _, name := range slices.Sorted(maps.Keys(listed)) {
			// Its own secrets are for its like only.
			if u, err := CheckURL(listed[name]); err == nil && isLoopback(u.Hostname()) {
				all = append(all, DataCentre{Name: name, AccountsURL: listed[name]})
			}
		}
	}
	return slices.DeleteFunc(all, func(d DataCentre) bool { return d.AccountsURL == a.address() }), nil
}

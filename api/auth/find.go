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

// codeUnknownClient is the code for a client that the accounts server does not
// know. The server checks the client first (Zoho CRM API v8, OAuth errors).
const codeUnknownClient = "invalid_client"

// FoundCentre is a data centre that knows a client.
type FoundCentre struct {
	DataCentre

	TakesToken bool // it gave an access token for the refresh token
}

// OtherDataCentres returns the data centres that FindDataCentre sends the secrets to. These are all of Zoho's except
// the client's own, or, for an emulator, those that the emulator lists. OtherDataCentres itself sends nothing to them.
// Its errors are those of the client, and of reading the emulator's list.
func OtherDataCentres(ctx context.Context, c Client) ([]DataCentre, error) {
	a, err := c.server()
	if err != nil {
		return nil, err
	}
	return a.others(ctx)
}

// FindDataCentre returns the other data centres that know the client: those that do not answer a refresh with
// invalid_client. It asks all of them at once. The data centre that takes the refresh token comes first. That one has
// given an access token, one of ten in ten minutes. refreshToken may be "".
//
// The error joins the errors of the data centres that gave no usable answer. The result has the other data centres also
// with an error.
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

// trial is the answer of a data centre to a client.
type trial struct {
	centre DataCentre
	rank   int   // 0: it took the token; 1: it knows the client; 2: neither
	err    error // why there is no usable answer
}

// The first and the last rank.
const (
	tookToken     = 0
	unknownClient = 2
)

// try asks a data centre for an access token.
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

// sortTrials returns the data centres that know the client, best first, and the
// joined errors of the trials.
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

// others returns all data centres except the client's own.
func (a *accountsServer) others(ctx context.Context) ([]DataCentre, error) {
	all := DataCentres()
	if a.isLoopback() {
		listed, err := a.locations(ctx)
		if err != nil {
			return nil, err
		}
		all = nil
		for _, name := range slices.Sorted(maps.Keys(listed)) {
			// An emulator's secrets may only go to other emulators.
			if u, err := CheckURL(listed[name]); err == nil && isLoopback(u.Hostname()) {
				all = append(all, DataCentre{Name: name, AccountsURL: listed[name]})
			}
		}
	}
	return slices.DeleteFunc(all, func(d DataCentre) bool { return d.AccountsURL == a.address() }), nil
}

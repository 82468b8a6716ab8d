package auth

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Options say how a Source works.
type Options struct {
	CacheDir  string            // folder of the token files; "" keeps tokens in memory only
	Transport http.RoundTripper // nil: http.DefaultTransport
	// OnThrottle is told once when Zoho begins to refuse tokens for having been
	// asked too often, and until when that is waited out at the longest. It must
	// not ask for a token.
	OnThrottle func(until time.Time)
	// NoWait is for those who would rather have that refusal at once, and who
	// wait for another process that holds the store five seconds at most.
	NoWait bool
	// OnHeld is told when another process holds the store of tokens for more
	// than a moment, and until when that is waited out at the longest. It must
	// not ask for a token.
	OnHeld func(until time.Time)
	// Patience is how long to wait for another process that holds the store; 0
	// is 35 seconds.
	Patience time.Duration
}

// Source gives access tokens, asking Zoho for one only when no other is at
// hand. It is safe for use by many goroutines and, with a CacheDir, shares its
// token with every process that has the same credentials.
type Source struct {
	server       *accountsServer
	refreshToken string
	cache        diskCache
	flight       singleflight.Group
	throttle     throttle
	onThrottle   func(until time.Time)
	onHeld       func(until time.Time)
	noWait       bool
	patience     time.Duration

	mu      sync.Mutex
	token   token
	refused string // the access token that Invalidate dropped last
	warning error
}

// NewSource makes a Source. It errors on credentials that lack a part (*Error),
// on an accounts URL that secrets may not be sent to (*URLError) and on a cache
// folder that others can read (*PermissionError) or that cannot be written
// (*StoreError): each run would take one of the ten tokens that Zoho gives in
// ten minutes. Nothing is sent yet.
func NewSource(c Credentials, o Options) (*Source, error) {
	server, err := c.client(o.Transport).serverFor(c.parts())
	if err != nil {
		return nil, err
	}
	s := &Source{
		server: server, refreshToken: c.RefreshToken, onThrottle: o.OnThrottle, onHeld: o.OnHeld, noWait: o.NoWait,
		patience: cmp.Or(o.Patience, lockPatience),
	}
	if o.CacheDir == "" {
		return s, nil
	}
	s.cache = diskCache{folder: o.CacheDir, name: c.key()}
	if err := s.cache.prepare(); err != nil {
		return nil, err
	}
	return s, nil
}

// Warning is the first reason why tokens could no longer be kept on disk, nil
// when they could or need not. Everything works from memory then, but each run asks
// Zoho for a token of its own, and Zoho gives ten in ten minutes.
func (s *Source) Warning() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.warning
}

func (s *Source) warn(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.warning == nil && err != nil {
		s.warning = err
	}
}

// Token gives an access token that is good for now. When Zoho gives none for
// having been asked too often, it waits, eleven minutes at most. Errors are an
// *Error, a *PermissionError, a *HeldError or *StoreError for the first token,
// or ctx's.
func (s *Source) Token(ctx context.Context) (string, error) {
	t, err := s.current(ctx)
	return t.Access, err
}

// APIDomain gives the base URL of the account's API as the token answer named
// it, or "" when it named none. One that is not Zoho's is a *URLError: the next
// thing sent there would be the token. Loopback is taken from loopback, so that
// an emulator can name itself.
func (s *Source) APIDomain(ctx context.Context) (string, error) {
	t, err := s.current(ctx)
	if err != nil || t.APIDomain == "" {
		return "", err
	}
	if err := checkAPIDomain(t.APIDomain, s.server.base); err != nil {
		return "", err
	}
	return t.APIDomain, nil
}

// Invalidate drops a token that Zoho refused, from memory and disk, unless
// another has taken its place meanwhile. The next Token asks for a new one.
func (s *Source) Invalidate(access string) {
	s.mu.Lock()
	stale := s.token.Access == access
	if stale {
		s.token = token{}
		s.refused = access
	}
	s.mu.Unlock()
	if !stale || !s.cache.enabled() {
		return
	}
	unlock, err := s.cache.lock(context.Background(), s.patience)
	if err != nil {
		s.warn(err)
		return
	}
	defer unlock()
	s.warn(s.cache.drop(access))
}

// current gives the token in memory, or another. While Zoho gives none for
// having been asked too often, each caller waits by its own context, all for
// the same moment, and one of them asks then for all.
func (s *Source) current(ctx context.Context) (token, error) {
	for {
		if t, ok := s.inMemory(); ok {
			return t, nil
		}
		t, err := s.join(ctx)
		if !isThrottled(err) || s.noWait {
			return t, err
		}
		d, worthwhile := s.throttle.patience(time.Now())
		if !worthwhile {
			return token{}, err
		}
		if err := wait(ctx, d); err != nil {
			return token{}, err
		}
	}
}

// join takes part in the one request for another token. A caller that gives up
// does not end it: others wait for it too.
func (s *Source) join(ctx context.Context) (token, error) {
	detached := context.WithoutCancel(ctx)
	done := s.flight.DoChan("", func() (any, error) { return s.obtain(detached) })
	select {
	case <-ctx.Done():
		return token{}, ctx.Err()
	case r := <-done:
		t, _ := r.Val.(token)
		return t, r.Err
	}
}

func (s *Source) inMemory() (token, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token, s.token.valid(time.Now())
}

// obtain takes the token from disk, else from Zoho, holding the lock of the
// disk so that of many processes one asks.
func (s *Source) obtain(ctx context.Context) (token, error) {
	if t, ok := s.inMemory(); ok {
		return t, nil
	}
	keep := s.cache.enabled()
	if keep {
		unlock, err := s.lockDisk(ctx)
		held, ok := errors.AsType[*HeldError](err)
		switch {
		case ok && !s.hasHad():
			return token{}, held
		case err != nil && !s.hasHad():
			return token{}, &StoreError{Path: s.cache.folder, Err: err}
		case err != nil:
			s.warn(err)
			keep = false
		default:
			defer unlock()
		}
	}
	if keep {
		t, err := s.cache.load()
		if open, ok := errors.AsType[*PermissionError](err); ok {
			return token{}, open
		}
		s.warn(err)
		if t.valid(time.Now()) && !s.wasRefused(t) {
			s.remember(t)
			return t, nil
		}
	}
	t, err := s.request(ctx)
	if err != nil {
		return token{}, err
	}
	s.remember(t)
	if keep {
		s.warn(s.cache.save(t))
	}
	return t, nil
}

// request asks Zoho for a token, unless it is too early for that.
func (s *Source) request(ctx context.Context) (token, error) {
	if e := s.throttle.closed(time.Now()); e != nil {
		return token{}, e
	}
	ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	t, err := s.server.refresh(ctx, s.refreshToken)
	if e, ok := errors.AsType[*Error](err); ok && e.Throttled() {
		now := time.Now()
		if s.throttle.refuse(now, e) && s.onThrottle != nil && !s.noWait {
			s.onThrottle(now.Add(throttleLast))
		}
		return token{}, e
	}
	if err == nil {
		s.throttle.over()
	}
	return t, err
}

func (s *Source) remember(t token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = t
}

func (s *Source) wasRefused(t token) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return t.Access == s.refused
}

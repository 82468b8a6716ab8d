package auth

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"rolecall/api/auth/private"
)

// Options configures a Source.
type Options struct {
	CacheDir  string            // folder of the token files; "": store tokens in memory only
	Transport http.RoundTripper // nil: http.DefaultTransport
	// OnThrottle is called once when Zoho begins to refuse tokens because of too
	// many requests. The Source waits at most until that time. OnThrottle
	// must not ask for a token.
	OnThrottle func(until time.Time)
	// NoWait makes the Source return Zoho's refusal at once, without a wait. The Source still waits five seconds for
	// another process that holds the store.
	NoWait bool
	// OnHeld is called when another process has held the store of tokens for
	// more than two seconds. The Source waits at most until that time. OnHeld
	// must not ask for a token.
	OnHeld func(until time.Time)
	// Patience is how long to wait for another process that holds the store. 0
	// means 35 seconds.
	Patience time.Duration
}

// Source gets access tokens. It asks Zoho for a token only if there is no valid
// one in memory or on disk. It is safe for use by many goroutines. With a
// CacheDir it shares its token with every process that has the same credentials.
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

// NewSource returns a Source. It sends nothing. Its error is an *Error if the
// credentials lack a part, a *URLError if secrets may not be sent to the
// accounts URL, a *private.PermissionError if others can read the cache folder, or a
// *StoreError if no file can be written there. Without the folder, each run
// would take one of the ten tokens that Zoho gives in ten minutes.
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

// Warning returns the first error of storing tokens on disk, or nil. After such
// an error the Source works from memory, but each run asks Zoho for a token of
// its own, and Zoho gives ten in ten minutes.
func (s *Source) Warning() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.warning
}

// warn stores the first error for Warning.
func (s *Source) warn(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.warning == nil && err != nil {
		s.warning = err
	}
}

// Token returns a valid access token. If Zoho refuses because of too many
// requests, Token waits, at most eleven minutes. Its error is an *Error, a
// *private.PermissionError, ctx's error, or, for the first token, a *HeldError or a
// *StoreError.
func (s *Source) Token(ctx context.Context) (string, error) {
	t, err := s.current(ctx)
	return t.Access, err
}

// APIDomain returns the base URL of the account's API from the token answer, or
// "" if the answer has none. Its error is a *URLError if the URL is not Zoho's,
// because the token would be sent there. An emulator on loopback may name
// itself. Other errors are those of Token.
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

// Expires returns when the Source stops using its access token, a little before
// the end of the token. It returns the zero time if there is no token.
func (s *Source) Expires() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token.Expiry
}

// Invalidate drops an access token that Zoho refused from memory and disk. It
// does nothing if the Source has another token by now. The next Token asks for a
// new one.
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

// current returns the token in memory, or gets another. While Zoho refuses
// because of too many requests, all callers wait for the same moment, each with
// its own context. Then one of them asks for all.
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

// join starts the request for another token, or waits for the one under way. A
// caller that gives up does not end the request, because others may wait for it.
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

// inMemory returns the token in memory, and whether it is valid.
func (s *Source) inMemory() (token, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token, s.token.valid(time.Now())
}

// obtain gets the token from disk, else from Zoho. It holds the lock of the
// token's file meanwhile, so that only one of many processes asks Zoho.
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
		if open, ok := errors.AsType[*private.PermissionError](err); ok {
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

// request asks Zoho for a token. If the throttle is closed, it returns the last
// refusal instead.
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

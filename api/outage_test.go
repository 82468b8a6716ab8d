package api

import (
	"errors"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"rolecall/api/auth"
	"rolecall/api/pace"
)

var errDial = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}

// outage is a world that answers nothing between two moments after its beginning.
func outage(from, to time.Duration, away func() (*http.Response, error)) *world {
	began := time.Now()
	return &world{latency: 50 * time.Millisecond, answer: func(int, *http.Request) (*http.Response, error) {
		if d := time.Since(began); d >= from && d < to {
			return away()
		}
		return response(200, updated), nil
	}}
}

func aways() map[string]func() (*http.Response, error) {
	return map[string]func() (*http.Response, error){
		"refused": func() (*http.Response, error) { return nil, errDial },
		"reset":   func() (*http.Response, error) { return nil, syscall.ECONNRESET },
		"gateway": func() (*http.Response, error) { return response(502, "<html>Bad Gateway</html>"), nil },
		"silence": func() (*http.Response, error) { return response(200, ""), nil },
	}
}

// An outage of ten minutes comes in the middle of a run. The run ends after two minutes, every call under way ends with
// it, and none counts as a failure of its row.
func TestOutageEndsTheRun(t *testing.T) {
	t.Parallel()
	for name, away := range aways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := outage(5*time.Second, 10*time.Minute, away)
				began := time.Now()
				c := newClient(t, w, Config{Pacer: pace.New(pace.Config{InFlight: 10})})
				ended := 0
				for _, err := range crew(t.Context(), c, 10, 1_000_000) {
					if err == nil {
						continue
					}
					ended++
					if e := failure(t, err); e.Ends != EndOutage || !e.Temporary() ||
						e.Uncertain != (name != "refused") {
						t.Errorf("%+v", e)
					}
				}
				// It is counted from the start of the first attempt that failed.
				if passed := time.Since(began) - 5*time.Second; passed < 2*time.Minute-w.latency ||
					passed > 2*time.Minute+15*time.Second {
					t.Errorf("ended %v into the outage", passed)
				}
				if ended != 10 {
					t.Errorf("%d workers ended", ended)
				}
			})
		})
	}
}

// An outage of a minute costs time and nothing else.
func TestOutagePasses(t *testing.T) {
	t.Parallel()
	for name, away := range aways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := outage(5*time.Second, 65*time.Second, away)
				c := newClient(t, w, Config{Pacer: pace.New(pace.Config{InFlight: 10})})
				for _, err := range crew(t.Context(), c, 10, 3000) {
					if err != nil {
						t.Fatal(err)
					}
				}
			})
		})
	}
}

// Attempts that hang end after a minute each. So after two minutes and one probe nothing has been answered, and the run
// ends.
func TestOutageBlackHole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: time.Hour}
		began := time.Now()
		for _, err := range crew(t.Context(), newClient(t, w, Config{}), 5, 5) {
			if e := failure(t, err); e.Ends != EndOutage || !e.Uncertain {
				t.Errorf("%+v", e)
			}
		}
		if passed := time.Since(began); passed < 2*time.Minute || passed > 2*time.Minute+2*probeTimeout {
			t.Errorf("after %v", passed)
		}
	})
}

// Answers to others while a call waits to start say nothing about the time after its start. If the service is silent
// then, that is an outage, not a failure of the call.
func TestOutageMeetsACallThatWaited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		w.answer = func(n int, r *http.Request) (*http.Response, error) {
			if n == 1 {
				return response(200, updated), wait(r.Context(), time.Second)
			}
			return nil, wait(r.Context(), time.Hour)
		}
		var failed []*Error
		for _, err := range crew(t.Context(), newClient(t, w, Config{Pacer: pace.New(pace.Config{InFlight: 1})}), 2, 2) {
			if err != nil {
				failed = append(failed, failure(t, err))
			}
		}
		if len(failed) != 1 || failed[0].Ends != EndOutage {
			t.Errorf("%+v", failed)
		}
	})
}

// The outage is found whenever an attempt begins in it. Here all attempts fail at once for a time, and hang after that.
func TestOutageThatTurnsSilent(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Duration{
		time.Second, 30 * time.Second, 61 * time.Second, 100 * time.Second, 119*time.Second + 900*time.Millisecond,
	} {
		t.Run(at.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				w := silentFrom(at, began)
				for _, err := range crew(t.Context(), newClient(t, w, Config{}), 5, 5) {
					if e := failure(t, err); e.Ends != EndOutage {
						t.Errorf("%+v", e)
					}
				}
				// The two minutes may end within a wait between two attempts; one attempt and what asks whether anybody
				// is there follow.
				if passed := time.Since(began); passed < 2*time.Minute ||
					passed > 2*time.Minute+defaultPolicy().longest+shortestAttempt+2*probeTimeout {
					t.Errorf("after %v", passed)
				}
			})
		})
	}
}

// silentFrom fails at once for a time after its beginning, and then answers nothing.
func silentFrom(at time.Duration, began time.Time) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if time.Since(began) < at {
			return nil, errDial
		}
		return nil, wait(r.Context(), time.Hour)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// While others are answered, an attempt has its full time.
func TestSlowAnswerBesideFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/crm/v8/Deals/666/Contact_Roles/2" {
				if err := wait(r.Context(), 50*time.Second); err != nil {
					return nil, err
				}
			}
			if err := wait(r.Context(), 100*time.Millisecond); err != nil {
				return nil, err
			}
			return response(200, updated), nil
		})
		c := newClient(t, w, Config{})
		c.pacer.FailToken(time.Now()) // calls are failing, for no time at all
		busy := make(chan []error)
		go func() { busy <- crew(t.Context(), c, 2, 1200) }()
		a, err := c.AssignContactRole(t.Context(), "666", "2", RoleRef{ID: "3"})
		if err != nil || a.Attempts != 1 {
			t.Errorf("%+v, %v", a, err)
		}
		<-busy
	})
}

// Time without calls is not part of an outage.
func TestOutageAfterIdleness(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{answer: func(n int, _ *http.Request) (*http.Response, error) {
			if n == 2 {
				return nil, errDial
			}
			return response(200, updated), nil
		}}
		c := newClient(t, w, Config{})
		for range 2 {
			if _, err := assignOne(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if err := wait(t.Context(), time.Hour); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A call that fails while others are answered fails alone, after eight attempts, within a minute.
func TestNoOutageWhileOthersAreAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		w := &world{latency: 100 * time.Millisecond}
		w.answer = func(_ int, r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/crm/v8/Deals/666/Contact_Roles/2" {
				attempts++
				return response(502, "<html>Bad\nGateway</html>"), nil
			}
			return response(200, updated), nil
		}
		c := newClient(t, w, Config{})
		busy := make(chan []error)
		go func() { busy <- crew(t.Context(), c, 2, 1500) }()
		if err := wait(t.Context(), time.Second); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, err := c.AssignContactRole(t.Context(), "666", "2", RoleRef{ID: "3"})
		e := failure(t, err)
		if attempts != 8 || e.Attempts != 8 || e.Ends != EndNone || e.HTTP != 502 || !e.Uncertain || !e.Temporary() {
			t.Errorf("%d attempts: %+v", attempts, e)
		}
		if e.Body != "<html>Bad Gateway</html>" {
			t.Errorf("body %q", e.Body)
		}
		if time.Since(began) > time.Minute {
			t.Errorf("took %v", time.Since(began))
		}
		for _, err := range <-busy {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// An outage of the accounts server ends the run by the same rule, because no call can start. It is never a failure of a
// row.
func TestOutageOfTheAccountsServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{answer: func(int, *http.Request) (*http.Response, error) { return response(200, updated), nil }}
		source := &tokens{err: &auth.Error{HTTP: 503}}
		c := newClient(t, w, Config{Tokens: source})
		time.AfterFunc(time.Minute, func() { source.fail(nil) })
		for _, err := range crew(t.Context(), c, 5, 5) {
			if err != nil {
				t.Fatal(err)
			}
		}
		source.fail(&auth.Error{Err: errDial})
		began, sent := time.Now(), w.count()
		for _, err := range crew(t.Context(), c, 5, 5) {
			if e := failure(t, err); e.Ends != EndOutage || !errors.Is(e, errDial) && e.Message == "" {
				t.Errorf("%+v", e)
			}
		}
		if passed := time.Since(began); passed < 2*time.Minute || passed > 2*time.Minute+15*time.Second {
			t.Errorf("after %v", passed)
		}
		if w.count() != sent {
			t.Error("sent without a token")
		}
	})
}

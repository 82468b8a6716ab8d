package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
)

const tooMany = `{"code":"TOO_MANY_REQUESTS","details":{},"message":"You have made too many requests continuously. Please try again after some time.","status":"error"}`

// A direct client calls the handler without a socket, so that a synctest
// bubble's clock moves.
type direct struct {
	t     *testing.T
	e     *emulator.Emulator
	token string
}

func newDirect(t *testing.T, o emulator.Options) *direct {
	t.Helper()
	e, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	d := &direct{t: t, e: e}
	got, err := d.RoundTrip(httptest.NewRequest(http.MethodPost, "http://zoho/oauth/v2/token?"+refreshForm().Encode(), nil))
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(got.Body)
	_, after, _ := strings.Cut(string(b), `"access_token":"`)
	d.token, _, _ = strings.Cut(after, `"`)
	return d
}

// RoundTrip makes an aborted handler the error that a cut connection is.
func (d *direct) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	w := httptest.NewRecorder()
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			resp, err = nil, io.ErrUnexpectedEOF
		default:
			panic(p)
		}
	}()
	d.e.ServeHTTP(w, r)
	return w.Result(), nil
}

func (d *direct) call(method, path, body string) (int, string, error) {
	r := httptest.NewRequestWithContext(d.t.Context(), method, "http://zoho/crm/"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Zoho-oauthtoken "+d.token)
	resp, err := d.RoundTrip(r)
	if err != nil {
		return 0, "", err
	}
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), nil
}

func TestCallsInFlight(t *testing.T) {
	t.Parallel()
	// Zoho CRM API v8, API Limits, "Concurrency limit".
	for edition, limit := range map[string]int{"free": 5, "standard": 10, "professional": 15, "Enterprise": 20, "ultimate": 25, "": 20} {
		t.Run(edition, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDirect(t, emulator.Options{Edition: edition, Latency: time.Second})
				start := time.Now()
				var mu sync.Mutex
				statuses := map[int]int{}
				refusedAt := time.Duration(0)
				var all sync.WaitGroup
				for range limit + 3 {
					all.Go(func() {
						status, body, _ := d.call("GET", roles, "")
						mu.Lock()
						defer mu.Unlock()
						statuses[status]++
						if status == 429 {
							refusedAt = max(refusedAt, time.Since(start))
							if body != tooMany {
								t.Errorf("body %s", body)
							}
						}
					})
				}
				all.Wait()
				if diff := cmp.Diff(map[int]int{200: limit, 429: 3}, statuses); diff != "" || refusedAt != 0 {
					t.Errorf("refused after %v (-want +got)\n%s", refusedAt, diff)
				}
				want := emulator.Stats{
					Calls:       map[string]int{"GET /Contacts/roles": limit + 3},
					MaxInFlight: limit, TooManyRequests: 3, Credits: limit, TokensIssued: 1,
				}
				if diff := cmp.Diff(want, d.e.Stats()); diff != "" {
					t.Errorf("stats (-want +got)\n%s", diff)
				}
			})
		})
	}
}

// A client that sends its next call as soon as it has an answer never has two
// in flight.
func TestInFlightEndsBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{InFlight: 1})
	for range 500 {
		if status, got := r.call("GET", roles, ""); status != 200 {
			t.Fatalf("%d %s", status, got)
		}
	}
	if s := r.e.Stats(); s.MaxInFlight != 1 || s.TooManyRequests != 0 {
		t.Errorf("stats %+v", s)
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDirect(t, emulator.Options{Latency: 120 * time.Millisecond})
		start := time.Now()
		if _, _, err := d.call("GET", roles, ""); err != nil || time.Since(start) != 120*time.Millisecond {
			t.Errorf("took %v: %v", time.Since(start), err)
		}
	})
}

func TestCredits(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := newRig(t, emulator.Options{Credits: 10, Now: c.Now, TokenTTL: 100 * time.Hour})
	for used := 1; used <= 10; used++ {
		status, header, got, err := r.do("GET", roles, "")
		if err != nil || status != 200 {
			t.Fatalf("call %d: %d %s %v", used, status, got, err)
		}
		// Told once half are used. Zoho CRM API v8, API Limits.
		want := ""
		if used >= 5 {
			want = fmt.Sprint(10 - used)
		}
		if got := header.Get("X-API-CREDITS-REMAINING"); got != want {
			t.Errorf("after %d: remaining %q, want %q", used, got, want)
		}
		c.pass(time.Hour)
	}
	status, header, got, _ := r.do("GET", roles, "")
	if status != 429 || got != tooMany {
		t.Errorf("the eleventh: %d %s", status, got)
	}
	for name := range header {
		if strings.EqualFold(name, "Retry-After") || strings.Contains(strings.ToLower(name), "ratelimit") {
			t.Errorf("a 429 says %s", name)
		}
	}
	c.pass(14*time.Hour + time.Minute) // the first is more than 24 hours old
	r.want("GET", roles+"/77", "", 204, "")
	if status, got := r.call("GET", roles, ""); status != 429 {
		t.Errorf("one credit came back, and two calls went: %d %s", status, got)
	}
	s := r.e.Stats()
	if s.Credits != 10 || s.TooManyRequests != 2 || s.Calls["GET /Contacts/roles"] != 12 {
		t.Errorf("stats %+v", s)
	}
}

func TestLimitsChangeWhileRunning(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	post := func(body string) (int, string) {
		resp, err := http.Post(r.url+"/__emulator/limits", "", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, strings.TrimSpace(string(b))
	}
	if status, got := post(`{"in_flight": 5, "credits": 1}`); status != 200 || got != `{"in_flight":5,"credits":1}` {
		t.Errorf("%d %s", status, got)
	}
	r.want("GET", roles+"/77", "", 204, "")
	r.want("GET", roles+"/77", "", 429, tooMany)
	if status, got := post(`{"credits": 0}`); status != 200 || got != `{"in_flight":5,"credits":0}` {
		t.Errorf("%d %s", status, got)
	}
	r.want("GET", roles+"/77", "", 204, "")
	for _, body := range []string{``, `{"in_flight": 0}`, `{"credits": -1}`, `{"inflight": 5}`, `{"credits": "5"}`} {
		if status, got := post(body); status != 400 || !strings.Contains(got, `{"in_flight": 5, "credits": 100}`) {
			t.Errorf("%s: %d %s", body, status, got)
		}
	}
	if _, err := r.e.SetLimits(emulator.Limits{InFlight: new(1)}); err != nil {
		t.Error(err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]emulator.Options{
		"unknown edition":        {Edition: "gold"},
		"unknown collection PUT": {CollectionPut: "maybe"},
		"unknown way to move":    {RoleMoves: "maybe"},
		`unknown right "roles"`:  {Denied: []string{"roles.read", "roles"}},
		"cannot be negative":     {Credits: -1},
		"1 to 1000000000":        {Deals: -1},
		"either seeded or":       {Deals: 1, Org: &emulator.Org{}},
	} {
		if _, err := emulator.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
}

package api

import (
	"io"
	"net/http"
	"net/url"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/pace"
)

const voiceMissing = `{"code":"ZV-1","message":"Mandatory param contact is missing","status":"ERROR"}`

// reader is a Voice that reads the parameter of a write from one place.
type reader struct {
	way  VoiceWay
	lose int // answers to writes that it loses, from the first on

	mu      sync.Mutex
	applied []string // contacts
	calls   []string
}

func (v *reader) answer(_ int, r *http.Request) (*http.Response, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	values := r.URL.Query()
	sent := "query"
	if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
		b, _ := io.ReadAll(r.Body)
		values, _ = url.ParseQuery(string(b))
		sent = "form"
	}
	v.calls = append(v.calls, r.Method+" "+sent)
	contact := values.Get("contact")
	if sent != string(v.way) {
		contact = ""
	}
	if contact != "" {
		v.applied = append(v.applied, contact)
	}
	if v.lose > 0 {
		v.lose--
		return nil, syscall.ECONNRESET
	}
	if contact == "" {
		return response(400, voiceMissing), nil
	}
	return response(200, voiceOne), nil
}

// A contact travels as a form, or in the query where Voice says that it is missing. The client remembers the way, and
// tells it.
func TestVoiceWay(t *testing.T) {
	t.Parallel()
	write := VoiceWrite{
		Fields:   map[string]string{"first_name": "Zoë & \"Co\" +1=%", "mobile": "+12222222222", "is_spam": "true"},
		StatusID: "1000000000031", StatusName: "VIP",
	}
	const body = `{"contact_status":{"display_value":"VIP","id":"1000000000031"},` +
		`"first_name":"Zoë \u0026 \"Co\" +1=%","is_spam":"true","mobile":"+12222222222"}`
	for _, c := range []struct {
		way, expect VoiceWay
		calls       []string
	}{
		{VoiceForm, "", []string{"POST form", "PUT form"}},
		{VoiceQuery, "", []string{"POST form", "POST query", "PUT query"}},
		{VoiceQuery, VoiceQuery, []string{"POST query", "PUT query"}},
		{VoiceForm, VoiceQuery, []string{"POST query", "POST form", "PUT form"}},
		{VoiceForm, "telepathy", []string{"POST form", "PUT form"}},
	} {
		v := &reader{way: c.way}
		client := newClient(t, &world{answer: v.answer}, Config{})
		client.ExpectVoiceWay(c.expect)
		if client.VoiceWay() != "" {
			t.Errorf("%q is known before the first write", client.VoiceWay())
		}
		o, err := client.CreateVoiceContact(t.Context(), write)
		if err != nil || o.ID != "315000153768793" || o.Answer.Attempts != len(c.calls)-1 {
			t.Errorf("%+v %v", o, err)
		}
		if _, err := client.UpdateVoiceContact(t.Context(), o.ID, write); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(c.calls, v.calls); diff != "" || client.VoiceWay() != c.way {
			t.Errorf("%s, expecting %q: %q %s", c.way, c.expect, client.VoiceWay(), diff)
		}
		if diff := cmp.Diff([]string{body, body}, v.applied); diff != "" {
			t.Error(diff)
		}
	}
}

// A create whose answer was lost is sent neither again nor in another way. An update is sent again.
func TestVoiceCreateIsSentOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &reader{way: VoiceForm, lose: 1}
		c := newClient(t, &world{answer: v.answer}, Config{})
		o, err := c.CreateVoiceContact(t.Context(), VoiceWrite{})
		if e := failure(t, err); !e.Uncertain || o.Known || len(v.applied) != 1 || len(v.calls) != 1 {
			t.Errorf("%+v %v, %v", o, err, v.calls)
		}
		v.lose = 1
		o, err = c.UpdateVoiceContact(t.Context(), "315000153768793", VoiceWrite{})
		if err != nil || !o.Known || !o.Answer.Uncertain || o.Answer.Attempts != 2 || len(v.calls) != 3 {
			t.Errorf("%+v %v, %v", o, err, v.calls)
		}
		// A server's fault names the parameter, and does not say that nothing was applied.
		w := script(says(500, `{"code":"ZV-1","message":"parameter contact is null","status":"ERROR"}`))
		o, err = newClient(t, w, Config{}).CreateVoiceContact(t.Context(), VoiceWrite{})
		if e := failure(t, err); !e.Uncertain || o.Known || w.count() != 1 {
			t.Errorf("%+v %v, %d sent", o, err, w.count())
		}
		// The way was refused, and the answer to the other one was lost.
		v = &reader{way: VoiceQuery}
		w = &world{answer: v.answer}
		c = newClient(t, w, Config{})
		w.answer = func(n int, r *http.Request) (*http.Response, error) {
			if n == 2 {
				v.lose = 1
			}
			return v.answer(n, r)
		}
		o, err = c.CreateVoiceContact(t.Context(), VoiceWrite{})
		if e := failure(t, err); !e.Uncertain || o.Known || len(v.applied) != 1 || c.VoiceWay() != "" {
			t.Errorf("%+v %v, %v", o, err, v.calls)
		}
	})
}

// Both ways are refused: the row has the first refusal, and the way stays unknown. Once a way worked, the other is not
// tried.
func TestVoiceRefusalThatLooksLikeTheWay(t *testing.T) {
	t.Parallel()
	const refused = `{"code":"ZV-2","message":"mobile is mandatory for a contact","status":"ERROR"}`
	w := script(says(400, refused), says(400, refused), says(200, voiceOne), says(400, refused))
	c := newClient(t, w, Config{})
	_, err := c.CreateVoiceContact(t.Context(), VoiceWrite{})
	if e := failure(t, err); e.Code != "ZV-2" || w.count() != 2 || c.VoiceWay() != "" {
		t.Errorf("%v, %d sent, %q", err, w.count(), c.VoiceWay())
	}
	if _, err := c.CreateVoiceContact(t.Context(), VoiceWrite{}); err != nil || c.VoiceWay() != VoiceForm {
		t.Errorf("%v, %q", err, c.VoiceWay())
	}
	if _, err := c.CreateVoiceContact(t.Context(), VoiceWrite{}); err == nil || w.count() != 4 {
		t.Errorf("%v, %d sent", err, w.count())
	}
	// Other refusals do not ask for the other way.
	for _, other := range []string{voiceError, `{"code":"ZV-3","message":"contact limit reached","status":"ERROR"}`} {
		w := script(says(400, other))
		_, err := newClient(t, w, Config{}).CreateVoiceContact(t.Context(), VoiceWrite{})
		if err == nil || w.count() != 1 {
			t.Errorf("%s: %v, %d sent", other, err, w.count())
		}
	}
}

// Voice has a pacer of its own: five calls in flight, and no credits.
func TestVoiceHasItsOwnPacer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: time.Second, answer: func(int, *http.Request) (*http.Response, error) {
			return response(200, voiceOne), nil
		}}
		crm := pace.New(pace.Config{InFlight: 20, MaxCredits: 1})
		own := NewVoicePacer(pace.Config{InFlight: 9, MaxCredits: 1})
		c := newClient(t, w, Config{Pacer: crm, VoicePacer: own})
		began := time.Now()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, err := c.CreateVoiceContact(t.Context(), VoiceWrite{}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(began); w.most != 5 || took != 4*time.Second {
			t.Errorf("%d in flight, took %v", w.most, took)
		}
		if s := own.Stats(); s.Calls != 20 || s.Credits != 0 {
			t.Errorf("%+v", s)
		}
		if s := crm.Stats(); s.Calls != 0 || s.Credits != 0 {
			t.Errorf("the CRM's: %+v", s)
		}
		if kinds := own.CallStats().Kinds; kinds["POST /contacts"] != 20 {
			t.Errorf("%v", kinds)
		}
		own.Drain()
		_, err := c.CreateVoiceContact(t.Context(), VoiceWrite{})
		if e := failure(t, err); e.Ends != EndDraining || w.count() != 20 {
			t.Errorf("drained: %#v", e)
		}
	})
}

// A 429 is no refusal of a row, and uses up no attempt. A create that got one was not applied and is sent again.
func TestVoiceThrottle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := script(says(429, voiceError), says(400, `{"code":"TOO_MANY_REQUESTS","message":"m","status":"ERROR"}`),
			says(200, voiceOne))
		began := time.Now()
		o, err := newClient(t, w, Config{}).CreateVoiceContact(t.Context(), VoiceWrite{})
		if took := time.Since(began); err != nil || o.Answer.Attempts != 1 || took != 1500*time.Millisecond {
			t.Errorf("%+v %v after %v", o, err, took)
		}
	})
}

// locked is a Voice that locks a kind of call for ten minutes after the 31st in a minute.
type locked struct {
	mu     sync.Mutex
	starts []time.Time
	until  time.Time
	locks  int
}

func (v *locked) answer(_ int, r *http.Request) (*http.Response, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if r.Method != http.MethodPost {
		return response(200, voiceList), nil
	}
	now, recent := time.Now(), 0
	for _, at := range v.starts {
		if now.Sub(at) < time.Minute {
			recent++
		}
	}
	if now.After(v.until) && recent >= 30 {
		v.until = now.Add(10 * time.Minute)
		v.locks++
	}
	if now.Before(v.until) {
		return response(429, `{"code":"ZV-9","message":"30 calls per min, lock period 10 min","status":"ERROR"}`), nil
	}
	v.starts = append(v.starts, now)
	return response(200, voiceOne), nil
}

// Where Voice says that a kind of call is limited, the client waits for the end of the lock and keeps to 30 a minute.
// Other kinds go on.
func TestVoiceLock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &locked{}
		w := &world{latency: 100 * time.Millisecond, answer: v.answer}
		var told []time.Duration
		own := NewVoicePacer(pace.Config{OnWait: func(until time.Time, _ string) {
			told = append(told, time.Until(until))
		}})
		c := newClient(t, w, Config{VoicePacer: own})
		began := time.Now()
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				for range 30 {
					if o, err := c.CreateVoiceContact(t.Context(), VoiceWrite{}); err != nil || o.Answer.Attempts != 1 {
						t.Errorf("%+v %v", o, err)
					}
				}
			})
		}
		<-time.After(time.Minute)
		if _, err := c.VoiceContacts(t.Context(), 0, 1, false); err != nil || time.Since(began) > 2*time.Minute {
			t.Errorf("a list waits for the lock of the creates: %v", err)
		}
		wg.Wait()
		// 150 creates: 30 at once, ten minutes, and four more times 30.
		if took := time.Since(began); v.locks != 1 || took < 13*time.Minute || took > 15*time.Minute {
			t.Errorf("%d locks, took %v", v.locks, took)
		}
		if len(told) != 1 || told[0] < 9*time.Minute || told[0] > 10*time.Minute {
			t.Errorf("told: %v", told)
		}
	})
}

// An outage of Voice is found by asking Voice.
func TestVoiceOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		paths := map[string]int{}
		w := &world{answer: func(_ int, r *http.Request) (*http.Response, error) {
			paths[r.URL.Host+r.URL.Path]++
			return response(503, "<html>"), nil
		}}
		_, err := newClient(t, w, Config{}).VoiceStatuses(t.Context())
		const probed = "voice.zoho.com/rest/json/zv/contacts"
		const asked = probed + "/contact_status"
		if e := failure(t, err); e.Ends != EndOutage || len(paths) != 2 || paths[asked] == 0 || paths[probed] == 0 {
			t.Errorf("%#v, %v", e, paths)
		}
	})
}

// A refused token is replaced, and a lacking scope ends the run.
func TestVoiceTokens(t *testing.T) {
	t.Parallel()
	const no = `{"code":"ZV-1","message":"Unauthorized","status":"ERROR"}`
	source := &tokens{}
	w := script(says(401, no), says(200, voiceOne))
	o, err := newClient(t, w, Config{Tokens: source}).CreateVoiceContact(t.Context(), VoiceWrite{})
	if err != nil || o.Answer.Attempts != 1 || source.invalidated != 1 {
		t.Errorf("%+v %v, %d tokens dropped", o, err, source.invalidated)
	}
	for _, body := range []string{no, `{"code":"OAUTH_SCOPE_MISMATCH","message":"m","status":"ERROR"}`} {
		_, err := newClient(t, script(says(401, body)), Config{}).CreateVoiceContact(t.Context(), VoiceWrite{})
		if e := failure(t, err); e.Ends != EndSignIn {
			t.Errorf("%s: %#v", body, e)
		}
	}
}

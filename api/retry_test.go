package api

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// whole is a jitter that always waits as long as it may.
func whole(n time.Duration) time.Duration { return n }

func TestPolicy(t *testing.T) {
	t.Parallel()
	const ms, s = time.Millisecond, time.Second
	for _, c := range []struct {
		name  string
		kind  kind
		trial trial
		want  verdict
	}{
		{"a row's refusal is final", kindRow, trial{}, verdict{}},
		{"a refusal of every row ends the run", kindRefused, trial{}, verdict{end: EndRefused}},
		{"scope or sign-in ends the run", kindSignIn, trial{}, verdict{end: EndSignIn}},
		{"the caller gave up", kindCancelled, trial{}, verdict{end: EndDraining}},
		{"429 waits for the gate", kindThrottle, trial{}, verdict{action: actGate}},
		{"429 costs no attempt", kindThrottle, trial{counted: 8, spent: time.Hour}, verdict{action: actGate}},
		{"401 asks for another token", kindToken, trial{}, verdict{action: actRefresh}},
		{"401 costs no attempt", kindToken, trial{counted: 7, spent: 59 * s}, verdict{action: actRefresh}},
		{"a second 401 ends the run", kindToken, trial{refreshed: true},
			verdict{end: EndSignIn, reason: "Zoho refused two access tokens in a row"}},
		{"too many tokens", kindTokenThrottle, trial{},
			verdict{end: EndSignIn, reason: "Zoho gives ten access tokens in ten minutes; go on in ten minutes"}},

		{"first wait", kindTransient, trial{counted: 1, failed: 1}, verdict{action: actWait, wait: 200 * ms}},
		{"second wait doubles", kindTransient, trial{counted: 2, failed: 2}, verdict{action: actWait, wait: 400 * ms}},
		{"sixth wait", kindTransient, trial{counted: 6, failed: 6}, verdict{action: actWait, wait: 6400 * ms}},
		{
			"seventh wait is the longest", kindTransient, trial{counted: 7, failed: 7},
			verdict{action: actWait, wait: 10 * s},
		},
		{"the eighth attempt is the last", kindTransient, trial{counted: 8, failed: 8}, verdict{}},
		{"a minute is the end", kindTransient, trial{counted: 1, failed: 1, spent: time.Minute}, verdict{}},
		{"no wait into the end of the minute", kindTransient, trial{counted: 7, failed: 7, spent: 50 * s}, verdict{}},
		{
			"a wait that fits", kindTransient, trial{counted: 7, failed: 7, spent: 50*s - 1},
			verdict{action: actWait, wait: 10 * s},
		},

		{"nobody answered: attempts are not used up", kindTransient,
			trial{failed: 100, away: true, unanswered: 2*time.Minute - 1},
			verdict{action: actWait, wait: 10 * s}},
		{"nobody answered for two minutes", kindTransient, trial{failed: 3, away: true, unanswered: 2 * time.Minute},
			verdict{end: EndOutage, reason: "no call answered for 2m0s"}},
		{
			"somebody was answered: it is this call", kindTransient,
			trial{counted: 8, failed: 8, unanswered: 2 * time.Minute}, verdict{},
		},
		{"accounts server away: never the row's failure", kindTokenServer, trial{counted: 8, failed: 20},
			verdict{action: actWait, wait: 10 * s}},
		{"accounts server away for two minutes", kindTokenServer, trial{failed: 20, unanswered: 2 * time.Minute},
			verdict{end: EndOutage, reason: "no call answered for 2m0s"}},

		{"what must not be twice is final", kindTransient, trial{counted: 1, failed: 1, applied: true}, verdict{}},
		{
			"although nobody is answered", kindTransient,
			trial{failed: 1, away: true, unanswered: time.Minute, applied: true}, verdict{},
		},
		{"until it is an outage", kindTransient,
			trial{failed: 1, away: true, unanswered: 2 * time.Minute, applied: true},
			verdict{end: EndOutage, reason: "no call answered for 2m0s"}},
		{"a 429 that tells of a success", kindThrottle, trial{applied: true}, verdict{}},
		{"a refused token that does", kindToken, trial{applied: true}, verdict{}},
		{"a scope that does", kindSignIn, trial{applied: true}, verdict{end: EndSignIn}},
	} {
		if got := defaultPolicy().next(c.kind, c.trial, whole); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

// Full jitter: the wait is random between zero and its bound.
func TestPolicyJitter(t *testing.T) {
	t.Parallel()
	var asked time.Duration
	v := defaultPolicy().next(kindTransient, trial{counted: 3, failed: 3}, func(n time.Duration) time.Duration {
		asked = n
		return 7
	})
	if asked != 800*time.Millisecond || v.wait != 7 {
		t.Errorf("asked for %v, waits %v", asked, v.wait)
	}
}

// However long the attempts take, a call makes no attempt after its eighth, and none after its minute.
func TestPolicyEnds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := defaultPolicy()
		var k trial
		for {
			k.counted++
			k.failed++
			k.spent += time.Duration(rapid.Int64Range(0, int64(p.budget-k.spent)).Draw(t, "took"))
			v := p.next(kindTransient, k, func(n time.Duration) time.Duration {
				return time.Duration(rapid.Int64Range(0, int64(n)-1).Draw(t, "jitter"))
			})
			if v.action == actStop {
				break
			}
			if v.wait < 0 || v.wait >= p.longest {
				t.Fatalf("wait %v", v.wait)
			}
			k.spent += v.wait
		}
		if k.counted > 8 || k.spent > time.Minute {
			t.Fatalf("%d attempts in %v", k.counted, k.spent)
		}
	})
}

func start() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

func TestParseRetryAfter(t *testing.T) {
	t.Parallel()
	now := start()
	for _, c := range []struct {
		text string
		want time.Duration
	}{
		{"", 0},
		{"0", 0},
		{"1", time.Second},
		{" 60 ", time.Minute},
		{"1.5", 1500 * time.Millisecond},
		{"-5", 0},
		{"NaN", 0},
		{"soon", 0},
		{"1e300", longestWait},
		{"+Inf", longestWait},
		{"999999999999999999999", longestWait},
		{"Thu, 01 Jan 2026 00:00:30 GMT", 30 * time.Second},
		{"Thursday, 01-Jan-26 00:00:30 GMT", 30 * time.Second},
		{"Thu Jan  1 00:00:30 2026", 30 * time.Second},
		{"Wed, 31 Dec 2025 23:59:59 GMT", 0},
		{"Thu, 01 Jan 2099 00:00:00 GMT", longestWait},
	} {
		if got := parseRetryAfter(c.text, now); got != c.want {
			t.Errorf("%q: got %v, want %v", c.text, got, c.want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{
		"", "1", "-1", "1e9", "NaN", "Thu, 01 Jan 2026 00:00:30 GMT", "0x1p-2", "9223372036854775808",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := parseRetryAfter(text, start()); got < 0 || got > longestWait {
			t.Errorf("%q: %v", text, got)
		}
	})
}

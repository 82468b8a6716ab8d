package api

import (
	"testing"
	"time"
)

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
	for _, s := range []string{"", "1", "-1", "1e9", "NaN", "Thu, 01 Jan 2026 00:00:30 GMT", "0x1p-2", "9223372036854775808"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := parseRetryAfter(text, start()); got < 0 || got > longestWait {
			t.Errorf("%q: %v", text, got)
		}
	})
}

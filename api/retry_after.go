package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// parseRetryAfter reads a Retry-After header: seconds, or an HTTP date. It returns zero for what it cannot read and for
// the past.
func parseRetryAfter(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0
	}
	if d, ok := parseSeconds(text); ok {
		return d
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(0, at.Sub(now)), longestWait)
}

// longestWait bounds what a server may ask for: credits come back within a day (Zoho CRM API v8, API Limits).
const longestWait = 24 * time.Hour

// parseSeconds reads a number of seconds, which may have a fraction; ok is false for anything else.
func parseSeconds(text string) (time.Duration, bool) {
	s, err := strconv.ParseFloat(text, 64)
	if err != nil || s != s {
		return 0, false
	}
	if s >= longestWait.Seconds() {
		return longestWait, true
	}
	return time.Duration(max(0, s) * float64(time.Second)), true
}

// waitAskedFor reads how long a 429 asks to wait: its Retry-After, else details.retry_after (Zoho's OpenAPI v8 has
// seconds there). Neither is promised.
func waitAskedFor(h http.Header, r refusalText, now time.Time) time.Duration {
	if d := parseRetryAfter(h.Get("Retry-After"), now); d > 0 {
		return d
	}
	var details struct {
		RetryAfter text `json:"retry_after"`
	}
	if len(r.Details) == 0 || json.Unmarshal(r.Details, &details) != nil {
		return 0
	}
	return parseRetryAfter(string(details.RetryAfter), now)
}

package signin

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// largestSkew is how far two clocks may be apart without a warning: a self client's code lives ten minutes at most.
const largestSkew = 5 * time.Minute

// serverClock is a transport that compares this machine's clock with the clocks of the servers.
type serverClock struct {
	mu   sync.Mutex
	skew time.Duration // how far this machine is ahead
}

// RoundTrip implements http.RoundTripper.
func (c *serverClock) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if at, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		c.mu.Lock()
		c.skew = time.Since(at)
		c.mu.Unlock()
	}
	return res, nil
}

// wrong returns how far this machine's clock is off, in words, or "" if it is right.
func (c *serverClock) wrong() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	off, direction := c.skew, "ahead of"
	if off < 0 {
		off, direction = -off, "behind"
	}
	if off < largestSkew {
		return ""
	}
	return fmt.Sprintf("this machine's clock is %s %s Zoho's: set it right", off.Round(time.Minute), direction)
}

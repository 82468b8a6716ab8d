package machine

import (
	"sync"
	"testing"
	"time"
)

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// another is what another process has of the same state folder.
func (m *Machine) another() *Machine {
	other := In(m.folder)
	other.now = m.now
	return other
}

func newMachine(t *testing.T) (*Machine, *clock) {
	t.Helper()
	c := newClock()
	m := In(t.TempDir())
	m.now = c.now
	return m, c
}

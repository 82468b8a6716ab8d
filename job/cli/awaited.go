package cli

import (
	"sync"
	"time"
)

// silentFor is how long people look at a command that says nothing before they take it for dead.
const silentFor = 3 * time.Second

// awaits says what is waited for, unless that is over soon, which is to be told by calling the function it returns.
func (p *process) awaits(what string) (over func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case <-done:
		case <-time.After(silentFor):
			p.note("waiting for " + what)
		}
	})
	return func() { close(done); wg.Wait() }
}

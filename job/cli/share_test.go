//go:build unix

package cli_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"rolecall/api/emulator"
)

// TestProcessesShareAnOrg has four processes that come one after the other to an org of five calls in flight: together
// they never ask for more.
func TestProcessesShareAnOrg(t *testing.T) {
	t.Parallel()
	m := newMachine(t, emulator.Options{Edition: "free", Deals: 480, Contacts: 5, Latency: 40 * time.Millisecond})
	var wg sync.WaitGroup
	for i := range 4 {
		name := fmt.Sprintf("part%d", i)
		m.write(name+".csv", bulkRows(i*120))
		wg.Go(func() { m.exits(0, "rolecall assign "+name+".csv --limit 100 --run-dir "+name) })
		if i == 0 { // the others come when all five are in use
			m.until(func() bool { return m.w.current().Stats().MaxInFlight == 5 })
		}
	}
	wg.Wait()
	if s := m.w.current().Stats(); s.MaxInFlight != 5 || s.TooManyRequests != 0 {
		t.Errorf("%d in flight, %d times too many: want 5 and none", s.MaxInFlight, s.TooManyRequests)
	}
}

// TestThrottledSignIn asks for an eleventh token: it says until when it waits for one, whether or not the API's address
// is given, and a signal ends that at once.
func TestThrottledSignIn(t *testing.T) {
	t.Parallel()
	m := newMachine(t, emulator.Options{})
	if err := m.w.put(emulator.Options{TokenRequests: 1}); err != nil {
		t.Fatal(err)
	}
	m.exits(0, "rolecall assign in.csv --limit 1 --run-dir first") // takes the one token
	m.exits(0, `rm -r "$XDG_STATE_HOME"`)
	for _, where := range []string{"", "unset ROLECALL_API_URL; "} {
		m.exits(130, where+`rm -f said; rolecall assign in.csv --run-dir run 2>said & p=$!
			until grep -q 'no more access tokens.* waiting until' said; do kill -0 $p || exit 1; sleep 0.02; done
			kill -TERM $p; wait $p`)
	}
}

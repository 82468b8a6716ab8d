package job

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"rolecall/api"
)

// An error that ends a run is an Outage if the same call may succeed later.
func TestAsStop(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want Reason
	}{
		"no answer":     {&api.Error{Err: io.ErrUnexpectedEOF, Attempts: 8}, Outage},
		"server's":      {&api.Error{HTTP: 500, Code: "INTERNAL_ERROR", Attempts: 8}, Outage},
		"no permission": {&api.Error{HTTP: 403, Code: "NO_PERMISSION"}, Refused},
		"sign-in":       {&api.Error{HTTP: 401, Code: "INVALID_TOKEN", Ends: api.EndSignIn}, SignIn},
		"our own":       {errors.New("disk"), Broken},
		"a stop":        {&Stop{OutOfBudget, errors.New("credits")}, OutOfBudget},
	} {
		if got := AsStop(fmt.Errorf("read the list: %w", c.err)); got.Reason != c.want {
			t.Errorf("%s: reason %d, want %d", name, got.Reason, c.want)
		}
	}
}

// However many workers count failed rows at once, none of them sees more failed rows than finished ones: --max-errors
// 100% stops no run.
func TestCountOfManyWorkers(t *testing.T) {
	t.Parallel()
	var all Threshold
	if err := all.UnmarshalText([]byte("100%")); err != nil {
		t.Fatal(err)
	}
	s := NewStopper(all, func() {})
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for range 20_000 {
				s.Count(true, false)
			}
		})
	}
	workers.Wait()
	if s.Stopped() {
		t.Error(s.Why())
	}
}

package whole

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

var errBusy = errors.New("busy")

func isBusy(err error) bool { return errors.Is(err, errBusy) }

// A rename that another program blocks is retried for two seconds.
func TestRetry(t *testing.T) {
	t.Parallel()
	other := errors.New("other")
	for name, test := range map[string]struct {
		free time.Duration // when the other program lets go
		then error
		took time.Duration
	}{
		"at once":          {0, nil, 0},
		"another error":    {0, other, 0},
		"after a second":   {time.Second, nil, time.Second},
		"then another one": {time.Second, other, time.Second},
		"never":            {time.Hour, nil, patience},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				err := retry(func() error {
					if time.Since(began) < test.free {
						return errBusy
					}
					return test.then
				}, isBusy)
				want := test.then
				if test.free > patience {
					want = errBusy
				}
				if took := time.Since(began); !errors.Is(err, want) || err == nil && want != nil || took != test.took {
					t.Errorf("%v after %v, want %v after %v", err, took, want, test.took)
				}
			})
		})
	}
}

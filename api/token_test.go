package api

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rolecall/api/pace"
)

// tokenless is a token source that has to wait for its token.
type tokenless struct{}

func (tokenless) Token(ctx context.Context) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

func (tokenless) Invalidate(string) {}

// Zoho's token throttle can last for ten minutes; a run that is stopped in it ends at once, and its calls as any that
// were not sent.
func TestDrainEndsTheWaitForAToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pacer := pace.New(pace.Config{})
		client, err := New(Config{BaseURL: "http://127.0.0.1:1", Tokens: tokenless{}, Pacer: pacer})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				_, _, stop := client.do(t.Context(), request{method: "GET", path: "/org", due: dueOrg})
				if stop == nil || stop.Ends != EndDraining {
					t.Errorf("%v", stop)
				}
			})
		}
		began := time.Now()
		time.AfterFunc(time.Second, pacer.Drain)
		wg.Wait()
		if took := time.Since(began); took != time.Second {
			t.Errorf("ended after %v", took)
		}
	})
}

package api_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"golang.org/x/sync/errgroup"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/api/emulator"
	"rolecall/api/pace"
)

// With faults of all kinds every write has the same effect as without: an assigned contact is on the deal, a removed
// one is not, and a removal that looks refused is Uncertain.
func TestFaults(t *testing.T) {
	t.Parallel()
	faults, err := emulator.ParseFaults("429=1%,500=3%,reset=3%,drop=3%,html=3%,truncate=3%")
	if err != nil {
		t.Fatal(err)
	}
	e, err := emulator.New(emulator.Options{Deals: 200, Contacts: 4, Faults: faults, FaultSeed: 7})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	source, err := auth.NewSource(auth.Credentials{
		AccountsURL: server.URL, ClientID: "i", ClientSecret: "s", RefreshToken: "emulator",
	},
		auth.Options{CacheDir: t.TempDir() + "/tokens"})
	if err != nil {
		t.Fatal(err)
	}
	pacer := pace.New(pace.Config{InFlight: 10})
	client, err := api.New(api.Config{BaseURL: server.URL, Tokens: source, Pacer: pacer})
	if err != nil {
		t.Fatal(err)
	}
	const kept, removed = "4150868000020000001", "4150868000020000002"
	work, ctx := errgroup.WithContext(t.Context())
	work.SetLimit(10)
	for i := 1; i <= 200; i++ {
		deal := fmt.Sprintf("41508680000100%05d", i)
		work.Go(func() error {
			for _, contact := range []string{kept, removed} {
				role := api.RoleRef{ID: "4150868000000006871"}
				if _, err := client.AssignContactRole(ctx, deal, contact, role); err != nil {
					return fmt.Errorf("deal %s: %w", deal, err)
				}
			}
			out, err := client.RemoveContactRoles(ctx, deal, []string{removed})
			if err != nil {
				return fmt.Errorf("deal %s: %w", deal, err)
			}
			if o := out[0]; o.Err != nil && !o.Err.Uncertain {
				return fmt.Errorf("deal %s: certain, yet %w", deal, o.Err)
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		t.Fatal(err)
	}
	state := e.SnapshotState()
	for deal, roles := range state {
		if _, on := roles[removed]; on || len(roles) != 1 {
			t.Errorf("deal %s: %v", deal, roles)
		}
	}
	stats, seen := pacer.Stats(), e.Stats()
	if len(state) != 200 || stats.Retries == 0 {
		t.Errorf("%d deals with roles; %+v", len(state), stats)
	}
	if seen.MaxInFlight > 10 || stats.MaxInFlight > 10 || stats.InFlight != 0 ||
		stats.TooManyRequests != seen.TooManyRequests {
		t.Errorf("pacer %+v, emulator %+v", stats, seen)
	}
	t.Logf("pacer %+v, emulator credits %d", stats, seen.Credits)
}

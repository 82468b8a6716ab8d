package api_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
	"rolecall/api/pace"
)

// zoho is an emulator behind a server, and a client of it.
type zoho struct {
	*api.Client
	emulator *emulator.Emulator
	pacer    *pace.Pacer
}

func newZoho(t *testing.T, version string, o emulator.Options, trace func(api.Attempt)) zoho {
	t.Helper()
	e := rig.Open(t, o)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	v, err := api.ParseVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	return signIn(t, e, server.URL, api.Config{
		BaseURL: server.URL, Version: v, Pacer: pace.New(pace.Config{InFlight: 20}), Trace: trace,
	})
}

// signIn returns a client of an emulator, with a token source of its own.
func signIn(t *testing.T, e *emulator.Emulator, accounts string, c api.Config) zoho {
	t.Helper()
	source, err := auth.NewSource(auth.Credentials{
		AccountsURL: accounts, ClientID: "i", ClientSecret: "s", RefreshToken: emulator.RefreshToken,
	}, auth.Options{Transport: c.Transport})
	if err != nil {
		t.Fatal(err)
	}
	c.Tokens = source
	client, err := api.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return zoho{client, e, c.Pacer}
}

// failed returns the *api.Error that a call returned. errors.AsType alone would also find one that another error wraps.
func failed(err error) (*api.Error, bool) {
	e, ok := errors.AsType[*api.Error](err)
	return e, ok && any(e) == any(err)
}

func dealID(i int) string    { return fmt.Sprint(4150868000010000000 + i) }
func contactID(j int) string { return fmt.Sprint(4150868000020000000 + j) }

// seeded is an org in which deal i has n(i) contacts, all Purchasing.
func seeded(deals, contacts int, n func(i int) int) *emulator.Org {
	o := &emulator.Org{
		Generated: emulator.Generated{Deals: deals, Contacts: contacts},
		DealRoles: map[string]map[string]emulator.RoleRef{},
	}
	for i := 1; i <= deals; i++ {
		on := map[string]emulator.RoleRef{}
		for j := 1; j <= n(i); j++ {
			on[contactID(j)] = emulator.RoleRef{Name: "Purchasing"}
		}
		o.DealRoles[dealID(i)] = on
	}
	return o
}

// One credit reads five deals, with the same result as five calls, in every version that has composite requests.
func TestDealsContactRoles(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v3", "v4", "v5", "v6", "v7", "v8"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			var refused int
			z := newZoho(t, version, emulator.Options{Org: seeded(3, 5, func(i int) int { return 2*i - 1 })},
				func(a api.Attempt) {
					refused += a.Refused
				})
			asked := []string{dealID(3), dealID(1), "77", dealID(2), dealID(3)}
			got, err := z.DealsContactRoles(t.Context(), asked, "Email", "Last_Name")
			if err != nil || len(got) != 5 {
				t.Fatal(got, err)
			}
			if s, p := z.emulator.Stats(), z.pacer.Stats(); s.Credits != 1 ||
				s.Calls["POST /__composite_requests"] != 1 || p.Credits != 1 ||
				p.MaxInFlight != 5 || p.InFlight != 0 || refused != 1 {
				t.Errorf("emulator %+v, pacer %+v, %d refused in the log", s, p, refused)
			}
			for i, d := range got {
				if d.Deal != asked[i] || d.More {
					t.Errorf("reading %d: %+v", i, d)
				}
				alone, err := z.DealContactRoles(t.Context(), asked[i], "Email", "Last_Name")
				if i == 2 {
					want, _ := failed(err)
					want.Ends = api.EndNone
					if diff := gocmp.Diff(want, d.Err); diff != "" || d.Err.Code != "INVALID_DATA" ||
						d.Err.Temporary() {
						t.Errorf("unknown deal (-alone +composite)\n%s", diff)
					}
					continue
				}
				if diff := gocmp.Diff(alone, d.Contacts); err != nil || d.Err != nil || diff != "" {
					t.Errorf("deal %s: %v, %v (-alone +composite)\n%s", d.Deal, err, d.Err, diff)
				}
			}
			if len(got[0].Contacts) != 5 || len(got[1].Contacts) != 1 ||
				string(got[3].Contacts[0].Fields["Last_Name"]) == "" {
				t.Errorf("%+v", got)
			}
		})
	}
}

// A deal with more contacts than a sub-request carries has More set. Its contacts are the first of those that a call of
// its own returns.
func TestDealsContactRolesMore(t *testing.T) {
	t.Parallel()
	sizes := []int{1, 20, 26, 60, 0}
	z := newZoho(t, "v8", emulator.Options{Org: seeded(5, 60, func(i int) int { return sizes[i-1] })}, nil)
	got, err := z.DealsContactRoles(t.Context(), []string{dealID(1), dealID(2), dealID(3), dealID(4), dealID(5)})
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range got {
		all, err := z.DealContactRoles(t.Context(), d.Deal)
		if err != nil || len(all) != sizes[i] || d.Err != nil {
			t.Fatal(len(all), err, d.Err)
		}
		if d.More != (sizes[i] > 25) || !d.More && len(d.Contacts) != len(all) || len(d.Contacts) > 25 {
			t.Errorf("%d contacts: %d read, more %v", sizes[i], len(d.Contacts), d.More)
		}
		if diff := gocmp.Diff(all[:len(d.Contacts)], d.Contacts); diff != "" {
			t.Errorf("%d contacts: (-alone +composite)\n%s", sizes[i], diff)
		}
	}
}

// If composite requests do not work, the caller learns that from NotOffered, and can go on.
func TestDealsContactRolesNotOffered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ version, setting, code string }{
		"off":  {"v8", "off", "INVALID_URL_PATTERN"},
		"v2":   {"v2", "on", "API_NOT_SUPPORTED"},
		"v2.1": {"v2.1", "on", "API_NOT_SUPPORTED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := newZoho(
				t, c.version, emulator.Options{Org: seeded(1, 2, func(int) int { return 2 }), Composite: c.setting},
				nil,
			)
			_, err := z.DealsContactRoles(t.Context(), []string{dealID(1)})
			if e, ok := failed(err); !ok || e.Code != c.code || e.Uncertain || !api.NotOffered(err) {
				t.Errorf("%#v", err)
			}
			alone, err := z.DealContactRoles(t.Context(), dealID(1))
			if len(alone) != 2 || err != nil {
				t.Errorf("the other way afterwards: %v, %v", alone, err)
			}
		})
	}
	z := newZoho(t, "v8", emulator.Options{CollectionPut: "off"}, nil)
	role := api.RoleRef{ID: "4150868000000006871"}
	_, err := z.AssignContactRoles(t.Context(), dealID(1), []api.Assignment{{Contact: contactID(1), Role: role}})
	if !api.NotOffered(err) {
		t.Errorf("the collection PUT: %v", err)
	}
	if _, err := z.AssignContactRole(t.Context(), dealID(1), contactID(1), role); err != nil {
		t.Errorf("the other way afterwards: %v", err)
	}
}

// Invalid calls are not sent.
func TestDealsContactRolesInvalid(t *testing.T) {
	t.Parallel()
	z := newZoho(t, "v8", emulator.Options{}, nil)
	for want, deals := range map[string][]string{
		"0 deals": nil, "6 deals": {"1", "2", "3", "4", "5", "6"}, `".." is not an id`: {"1", ".."},
	} {
		_, err := z.DealsContactRoles(t.Context(), deals)
		if e, ok := failed(err); !ok || !strings.Contains(e.Error(), want) || e.Temporary() || api.NotOffered(err) {
			t.Errorf("%v: %v", deals, err)
		}
	}
	if s := z.emulator.Stats(); s.Credits != 0 {
		t.Errorf("sent: %+v", s)
	}
}

// With faults of all kinds, every deal is read as it is, and the calls in flight stay within their limit.
func TestDealsContactRolesFaults(t *testing.T) {
	t.Parallel()
	faults, err := emulator.ParseFaults("429=2%,500=3%,reset=3%,drop=3%,html=3%,truncate=3%")
	if err != nil {
		t.Fatal(err)
	}
	const deals = 300
	size := func(i int) int { return i % 7 }
	z := newZoho(t, "v8", emulator.Options{Org: seeded(deals, 7, size), Faults: faults, FaultSeed: 11}, nil)
	var mu sync.Mutex
	read := map[string]int{}
	work, ctx := errgroup.WithContext(t.Context())
	work.SetLimit(8)
	for first := 1; first <= deals; first += api.MostDeals {
		work.Go(func() error {
			var asked []string
			for i := range api.MostDeals {
				asked = append(asked, dealID(first+i))
			}
			got, err := z.DealsContactRoles(ctx, asked)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for _, d := range got {
				if d.Err != nil {
					return d.Err
				}
				read[d.Deal] += len(d.Contacts)
			}
			return nil
		})
		work.Go(func() error {
			_, err := z.DealContactRoles(ctx, dealID(first))
			return err
		})
	}
	if err := work.Wait(); err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= deals; i++ {
		if read[dealID(i)] != size(i) {
			t.Errorf("deal %d: %d contacts, want %d", i, read[dealID(i)], size(i))
		}
	}
	seen, stats := z.emulator.Stats(), z.pacer.Stats()
	if seen.MaxInFlight > 20 || stats.InFlight != 0 || stats.Retries == 0 ||
		stats.TooManyRequests != seen.TooManyRequests {
		t.Errorf("pacer %+v, emulator %+v", stats, seen)
	}
}

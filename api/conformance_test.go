package api_test

import (
	"cmp"
	"errors"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/api/emulator"
)

// The conformance suite tests what rolecall assumes about Zoho. It runs against the emulator, in every version of the
// API, and against a real org if the environment names one (see realTarget), so that differences between the two show.
// It leaves the deal as it was, except for the two contacts that it uses. It leaves the role picklist as it was: it
// deletes its own roles at the end of the list.

// target is an org to test against.
type target struct {
	client   *api.Client
	version  string
	deal     string
	contacts [2]string // neither has to be on the deal
	emulated bool
}

func TestConformanceEmulator(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			conformance(t, emulatorTarget(t, version))
		})
	}
}

func TestConformanceRealOrg(t *testing.T) {
	t.Parallel()
	env := func(name string) string { return os.Getenv("ROLECALL_CONFORMANCE_" + name) }
	for _, name := range []string{
		"API_URL", "ACCOUNTS_URL", "CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN", "DEAL", "CONTACT", "CONTACT2",
	} {
		if env(name) == "" {
			t.Skip("no real org: ROLECALL_CONFORMANCE_" + name + " is not set")
		}
	}
	version := cmp.Or(env("API_VERSION"), "v8")
	conformance(t, target{
		client: connect(t, version, env("API_URL"), auth.Credentials{
			AccountsURL: env("ACCOUNTS_URL"), ClientID: env("CLIENT_ID"),
			ClientSecret: env("CLIENT_SECRET"), RefreshToken: env("REFRESH_TOKEN"),
		}),
		version:  version,
		deal:     env("DEAL"),
		contacts: [2]string{env("CONTACT"), env("CONTACT2")},
	})
}

func emulatorTarget(t *testing.T, version string) target {
	t.Helper()
	e, err := emulator.New(emulator.Options{Deals: 3, Contacts: 5})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(func() {
		server.Close()
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return target{
		client: connect(t, version, server.URL, auth.Credentials{
			AccountsURL: server.URL, ClientID: "id", ClientSecret: "secret", RefreshToken: "emulator",
		}),
		version:  version,
		deal:     "4150868000010000001",
		contacts: [2]string{"4150868000020000001", "4150868000020000002"},
		emulated: true,
	}
}

func connect(t *testing.T, version, apiURL string, c auth.Credentials) *api.Client {
	t.Helper()
	v, err := api.ParseVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	source, err := auth.NewSource(c, auth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	client, err := api.New(api.Config{
		BaseURL: apiURL, Version: v, Tokens: source,
		Trace: func(a api.Attempt) { t.Logf("%s %s: %d %s %s", a.Method, a.Path, a.HTTP, a.Code, a.Message) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// conformance runs its parts one after the other: they share a deal.
func conformance(t *testing.T, to target) {
	roles, err := to.client.Roles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(roles) < 2 {
		t.Fatalf("%d roles; the suite needs two", len(roles))
	}
	for _, c := range to.contacts {
		to.remove(t, c)
	}
	to.unmakeRoles(t)
	for _, part := range []struct {
		name string
		test func(*testing.T, target, []api.Role)
	}{
		{"org", conformsOrg}, {"role list", conformsRoles}, {"assign", conformsAssign},
		{"assign again", conformsAssignAgain},
		{"remove", conformsRemove}, {"remove many", conformsRemoveMany}, {"by ids", conformsByIDs},
		{"refusals", conformsRefusals}, {"assign many", conformsAssignMany},
		{"read many", conformsReadMany},
		{"create roles", conformsCreateRoles}, {"change roles", conformsChangeRoles},
		{"role refusals", conformsRoleRefusals}, {"delete roles", conformsDeleteRoles},
	} {
		//nolint:paralleltest // all parts change the same deal
		t.Run(part.name, func(t *testing.T) { part.test(t, to, roles) })
	}
	to.unmakeRoles(t)
	for _, c := range to.contacts {
		to.remove(t, c)
	}
}

// remove takes a contact off the deal, whether it is on it or not.
func (to target) remove(t *testing.T, contact string) {
	t.Helper()
	_, err := to.client.RemoveContactRole(t.Context(), to.deal, contact)
	if e, ok := errors.AsType[*api.Error](err); err != nil &&
		(!ok || e.Code != "MANDATORY_NOT_FOUND" && e.Code != "INVALID_DATA") {
		t.Fatal(err)
	}
}

func (to target) assign(t *testing.T, contact string, role api.Role) {
	t.Helper()
	a, err := to.client.AssignContactRole(t.Context(), to.deal, contact, api.RoleRef{ID: role.ID, Name: role.Name})
	if err != nil {
		t.Fatal(err)
	}
	if a.Code != "SUCCESS" || a.HTTP != 200 || a.Attempts != 1 || a.Uncertain {
		t.Errorf("answer: %+v", a)
	}
}

// roleOf reads the deal and returns the contact's role, or false if it has none.
func (to target) roleOf(t *testing.T, contact string, roles []api.Role) (api.Role, bool) {
	t.Helper()
	on, err := to.client.DealContactRoles(t.Context(), to.deal)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(on, func(d api.DealContact) bool { return d.ID == contact })
	if i < 0 {
		return api.Role{}, false
	}
	return find(t, on[i].Role, roles), true
}

// find looks a role up as a caller must: up to v3 it comes as a name or an id.
func find(t *testing.T, ref api.RoleRef, roles []api.Role) api.Role {
	t.Helper()
	i := slices.IndexFunc(roles, func(r api.Role) bool { return r.ID == ref.ID || r.Name == ref.Name })
	if i < 0 {
		t.Fatalf("role %+v is not in the list %+v", ref, roles)
	}
	return roles[i]
}

func conformsOrg(t *testing.T, to target, _ []api.Role) {
	org, err := to.client.Org(t.Context())
	if e, ok := errors.AsType[*api.Error](err); ok && e.Code == "OAUTH_SCOPE_MISMATCH" {
		t.Skip("the token has no scope to read the org")
	}
	if err != nil {
		t.Fatal(err)
	}
	if org.ID == "" || org.InFlight() == 0 {
		t.Errorf("no id, or an edition whose calls in flight are not known: %+v", org)
	}
}

func conformsRoles(t *testing.T, _ target, roles []api.Role) {
	seen := map[string]bool{}
	for _, r := range roles {
		if r.ID == "" || r.Name == "" || r.Sequence < 1 || seen[r.ID] {
			t.Errorf("role %+v: empty, without position, or twice", r)
		}
		seen[r.ID] = true
	}
}

func conformsAssign(t *testing.T, to target, roles []api.Role) {
	to.assign(t, to.contacts[0], roles[0])
	if got, ok := to.roleOf(t, to.contacts[0], roles); !ok || got != roles[0] {
		t.Errorf("after assigning %+v the deal says %+v, %v", roles[0], got, ok)
	}
}

func conformsAssignAgain(t *testing.T, to target, roles []api.Role) {
	for _, role := range []api.Role{roles[0], roles[1], roles[1]} {
		to.assign(t, to.contacts[0], role)
		if got, ok := to.roleOf(t, to.contacts[0], roles); !ok || got != role {
			t.Errorf("after assigning %+v the deal says %+v, %v", role, got, ok)
		}
	}
}

func conformsRemove(t *testing.T, to target, roles []api.Role) {
	to.assign(t, to.contacts[0], roles[0])
	a, err := to.client.RemoveContactRole(t.Context(), to.deal, to.contacts[0])
	if err != nil || a.Code != "SUCCESS" {
		t.Fatal(a, err)
	}
	if _, on := to.roleOf(t, to.contacts[0], roles); on {
		t.Error("still on the deal")
	}
	_, err = to.client.RemoveContactRole(t.Context(), to.deal, to.contacts[0])
	if e, ok := errors.AsType[*api.Error](err); !ok || e.HTTP != 400 || e.Code == "" || e.Ends != api.EndNone ||
		e.Temporary() {
		t.Errorf("a contact that is not on the deal: %#v", err)
	}
	_, found, err := to.client.DealContactRole(t.Context(), to.deal, to.contacts[0])
	if found || err != nil {
		t.Errorf("reading a contact that is not on the deal: %v, %v", found, err)
	}
}

func conformsRemoveMany(t *testing.T, to target, roles []api.Role) {
	to.assign(t, to.contacts[1], roles[0])
	// One is not on the deal, one is: each has an outcome of its own.
	got, err := to.client.RemoveContactRoles(t.Context(), to.deal, to.contacts[:])
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].ID != to.contacts[0] || got[1].ID != to.contacts[1] {
		t.Fatalf("not in the order asked: %+v", got)
	}
	if !got[0].Known || got[0].Err == nil || got[0].Err.Code == "" {
		t.Errorf("contact not on the deal: %+v", got[0])
	}
	if !got[1].Known || got[1].Err != nil || got[1].Answer.Code != "SUCCESS" {
		t.Errorf("contact on the deal: %+v", got[1])
	}
	got, err = to.client.RemoveContactRoles(t.Context(), to.deal, to.contacts[:])
	if err != nil {
		t.Fatal("all refused is not the request's failure: ", err)
	}
	for _, o := range got {
		if !o.Known || o.Err == nil {
			t.Errorf("removed twice: %+v", o)
		}
	}
}

func conformsByIDs(t *testing.T, to target, roles []api.Role) {
	to.assign(t, to.contacts[0], roles[0])
	to.assign(t, to.contacts[1], roles[1])
	got, err := to.client.DealContactRolesByIDs(t.Context(), to.deal, to.contacts[1:], "Last_Name", "Email")
	if err != nil || len(got) != 1 || got[0].ID != to.contacts[1] || find(t, got[0].Role, roles) != roles[1] {
		t.Errorf("%+v, %v", got, err)
	}
	one, found, err := to.client.DealContactRole(t.Context(), to.deal, to.contacts[0], "Last_Name")
	if err != nil || !found || find(t, one.Role, roles) != roles[0] {
		t.Fatalf("%+v, %v, %v", one, found, err)
	}
	if _, ok := one.Fields["Last_Name"]; !ok {
		t.Errorf("Last_Name was asked for; got %v", one.Fields)
	}
}

func conformsRefusals(t *testing.T, to target, roles []api.Role) {
	role := api.RoleRef{ID: roles[0].ID, Name: roles[0].Name}
	unknownRole := api.RoleRef{ID: "4150868000000999999"}
	if to.version <= "v3" {
		unknownRole = api.RoleRef{Name: "No such role"}
	}
	for _, c := range []struct {
		name, deal, contact string
		role                api.RoleRef
	}{
		{"unknown deal", "4150868000010999999", to.contacts[0], role},
		{"unknown contact", to.deal, "4150868000020999999", role},
		{"unknown role", to.deal, to.contacts[0], unknownRole},
	} {
		_, err := to.client.AssignContactRole(t.Context(), c.deal, c.contact, c.role)
		e, ok := errors.AsType[*api.Error](err)
		if !ok {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := api.Error{HTTP: e.HTTP, Code: e.Code, Attempts: e.Attempts, Ends: e.Ends}
		if diff := gocmp.Diff(api.Error{HTTP: 400, Code: "INVALID_DATA", Attempts: 1}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if e.Message == "" || e.Temporary() {
			t.Errorf("%s: %v, temporary %v", c.name, e, e.Temporary())
		}
	}
}

func conformsAssignMany(t *testing.T, to target, roles []api.Role) {
	if to.version != "v8" {
		t.Skip("the collection PUT is in Zoho's OpenAPI file for v8 only")
	}
	for _, c := range to.contacts {
		to.remove(t, c)
	}
	got, err := to.client.AssignContactRoles(t.Context(), to.deal, []api.Assignment{
		{Contact: to.contacts[0], Role: api.RoleRef{ID: roles[0].ID}},
		{Contact: to.contacts[1], Role: api.RoleRef{ID: roles[1].ID}},
	})
	if e, ok := errors.AsType[*api.Error](err); ok && strings.HasPrefix(e.Code, "INVALID_") {
		t.Skip("this org has no collection PUT: ", e)
	}
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	for i, o := range got {
		if o.ID != to.contacts[i] || !o.Known || o.Err != nil {
			t.Errorf("%+v", o)
		}
		if role, on := to.roleOf(t, o.ID, roles); !on || role != roles[i] {
			t.Errorf("contact %s has %+v, %v", o.ID, role, on)
		}
	}
}

// Composite requests: Zoho's documents do not name contact roles among what they may hold, and have none before v3.
func conformsReadMany(t *testing.T, to target, roles []api.Role) {
	to.assign(t, to.contacts[0], roles[0])
	asked := []string{"4150868000010999999", to.deal, to.deal}
	got, err := to.client.DealsContactRoles(t.Context(), asked, "Last_Name")
	if api.NotOffered(err) {
		if to.version >= "v3" && to.emulated {
			t.Error(err)
		}
		t.Skip("this org or version reads no contact roles by composite requests: ", err)
	}
	if err != nil || len(got) != len(asked) {
		t.Fatal(got, err)
	}
	alone, err := to.client.DealContactRoles(t.Context(), to.deal, "Last_Name")
	if err != nil {
		t.Fatal(err)
	}
	if e := got[0].Err; e == nil || e.Code != "INVALID_DATA" || e.HTTP != 400 || e.Temporary() {
		t.Errorf("unknown deal: %#v", e)
	}
	for _, d := range got[1:] {
		if d.Err != nil || d.Deal != to.deal || !d.More && len(d.Contacts) != len(alone) {
			t.Errorf("%+v, alone %d contacts", d, len(alone))
			continue
		}
		if diff := gocmp.Diff(alone[:len(d.Contacts)], d.Contacts); diff != "" {
			t.Errorf("(-alone +composite)\n%s", diff)
		}
	}
}

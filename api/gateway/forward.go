package gateway

import (
	"context"
	"net/http"
	"strings"
	"sync"

	"rolecall/api"
)

// Path is a path that the gateway's page does not name. A gateway may forward it to Zoho, or refuse it.
type Path string

// The paths. Their texts are for people, and are the keys of the findings.
const (
	Modules   Path = "settings/modules"
	Fields    Path = "settings/fields"
	COQL      Path = "coql"
	Org       Path = "org"
	Roles     Path = "Contacts/roles"
	DealRoles Path = "deals/{id}/Contact_Roles"
	Upsert    Path = "{module}/upsert"
	Together  Path = "PUT of several records"
)

// Paths returns all paths.
func Paths() []Path { return []Path{Modules, Fields, COQL, Org, Roles, DealRoles, Upsert, Together} }

// pathOf returns the Path of a call, or "" for a call that the gateway's page names, and for any other call. path is
// the part of the URL after the version.
func pathOf(method, path string) Path {
	segments := strings.Split(path, "/")
	switch {
	case path == string(Modules) || path == string(Fields) || path == string(COQL) || path == string(Org):
		return Path(path)
	case len(segments) > 1 && segments[0] == "Contacts" && segments[1] == "roles":
		return Roles
	case len(segments) > 2 && segments[2] == "Contact_Roles":
		return DealRoles
	case len(segments) == 2 && segments[1] == "upsert":
		return Upsert
	case method == http.MethodPut && len(segments) == 1:
		return Together
	}
	return ""
}

// probe returns a call that changes nothing and shows whether the gateway forwards a path. No deal has the id 1, and a
// write of no records writes none.
func (p Path) probe() api.Probe {
	none := []byte(`{"data":[]}`)
	return map[Path]api.Probe{
		Modules:   {Method: http.MethodGet, Path: "/settings/modules", Name: "modules"},
		Fields:    {Method: http.MethodGet, Path: "/settings/fields", Query: "module=Contacts", Name: "fields"},
		Org:       {Method: http.MethodGet, Path: "/org", Name: "org"},
		Roles:     {Method: http.MethodGet, Path: "/Contacts/roles", Name: "contact_roles"},
		DealRoles: {Method: http.MethodGet, Path: "/Deals/1/Contact_Roles", Name: "data"},
		Upsert:    {Method: http.MethodPost, Path: "/Contacts/upsert", Body: none, Name: "data"},
		Together:  {Method: http.MethodPut, Path: "/Contacts", Body: none, Name: "data"},
		COQL: {Method: http.MethodPost, Path: "/coql", Name: "data",
			Body: []byte(`{"select_query":"select id from Contacts where id is not null limit 1"}`)},
	}[p]
}

// Findings keeps findings for a day. *machine.Findings is one.
type Findings interface {
	Recall(what string) (finding string)
	Remember(what, finding string)
}

// Forward knows which paths a gateway forwards. It is safe for use by many goroutines.
type Forward struct {
	findings Findings

	mu    sync.Mutex
	known map[Path]bool
}

// NewForward returns a Forward that begins with the findings of earlier processes.
func NewForward(f Findings) *Forward { return &Forward{findings: f, known: map[Path]bool{}} }

// The findings.
const (
	yes = "forwarded"
	no  = "not forwarded"
)

// Knows reports whether the gateway forwards a path. known is false if no process found that out today.
func (f *Forward) Knows(p Path) (forwards, known bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if forwards, known = f.known[p]; known {
		return forwards, true
	}
	switch f.findings.Recall("gateway " + string(p)) {
	case yes:
		f.known[p] = true
	case no:
		f.known[p] = false
	default:
		return false, false
	}
	return f.known[p], true
}

// Has reports whether the gateway is known to forward a path. A nil Forward stands for no gateway: Has returns true.
func (f *Forward) Has(p Path) bool {
	if f == nil {
		return true
	}
	forwards, _ := f.Knows(p)
	return forwards
}

// Lacks reports whether the gateway is known not to forward the path of a call.
func (f *Forward) Lacks(method, path string) bool {
	p := pathOf(method, path)
	if f == nil || p == "" {
		return false
	}
	forwards, known := f.Knows(p)
	return known && !forwards
}

// Find finds out which of the paths the gateway forwards, with a call for each path that is not known. Its error is one
// of package api.
func (f *Forward) Find(ctx context.Context, client *api.Client, paths ...Path) error {
	for _, p := range paths {
		if _, known := f.Knows(p); known {
			continue
		}
		forwards, err := client.Forwards(ctx, p.probe())
		if err != nil {
			return err
		}
		f.Note(p, forwards)
	}
	return nil
}

// Note records whether the gateway forwards a path.
func (f *Forward) Note(p Path, forwards bool) {
	f.mu.Lock()
	f.known[p] = forwards
	f.mu.Unlock()
	finding := no
	if forwards {
		finding = yes
	}
	f.findings.Remember("gateway "+string(p), finding)
}

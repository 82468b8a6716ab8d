package job

import (
	"context"
	"time"

	"rolecall/api"
)

// Zoho is what the jobs need of an org. *api.Client is one.
type Zoho interface {
	Roles(ctx context.Context) ([]api.Role, error)
	AssignContactRole(ctx context.Context, deal, contact string, role api.RoleRef) (api.Answer, error)
	AssignContactRoles(ctx context.Context, deal string, as []api.Assignment) ([]api.Outcome, error)
	RemoveContactRoles(ctx context.Context, deal string, contacts []string) ([]api.Outcome, error)
	DealContactRole(ctx context.Context, deal, contact string, fields ...string) (api.DealContact, bool, error)
	DealContactRoles(ctx context.Context, deal string, fields ...string) ([]api.DealContact, error)
	DealsContactRoles(ctx context.Context, deals []string, fields ...string) ([]api.DealReading, error)
}

// Org is an org that is signed in to.
type Org struct {
	Zoho     Zoho
	Pacer    *api.Pacer // every call of Zoho passes it
	Identity Identity
	InFlight int // calls in flight that this run may have

	Reserve  int64 // credits that are left untouched
	Batches  bool  // its API version has the collection PUT
	Composes bool  // its API version has composite requests
	Findings Findings
}

// Findings is what was found out about an org and need not be found out again in every run. Trouble with keeping it is no trouble of the run.
type Findings interface {
	Recall(what string) (finding string) // "" for what is not known, or not any more
	Remember(what, finding string)
}

// recall returns what is known of an org, where anything is kept at all.
func (o *Org) recall(what string) string {
	if o.Findings == nil {
		return ""
	}
	return o.Findings.Recall(what)
}

// remember keeps what was found out about an org, where anything is kept at all.
func (o *Org) remember(what string) func(finding string) {
	return func(finding string) {
		if o.Findings != nil {
			o.Findings.Remember(what, finding)
		}
	}
}

// What Findings are of.
const (
	findingCollection = "collection PUT /Deals/{id}/Contact_Roles"
	findingComposite  = "composite GET /Deals/{id}/Contact_Roles"
)

// Hooks are what a run wants to hear of its calls, for its log.
type Hooks struct {
	Attempt func(api.Attempt)
	Episode func(api.Episode)
	Wait    func(until time.Time, why string) // for credits to come back
}

// Connect signs in to the org that the settings name, within their limits. It is called once, when the file is known to be usable. Its errors are *UsageError, *Stop, or the api's own.
type Connect func(ctx context.Context, set Settings, h Hooks) (*Org, error)

// Identity says which org a run belongs to. It holds no secret: the refresh token's fingerprint is a hash.
type Identity struct {
	APIURL      string `json:"api_url"`
	ClientID    string `json:"client_id"`
	Fingerprint string `json:"refresh_token_sha256"`
	OrgID       string `json:"org_id,omitempty"` // "" where it could not be read
}

// Same says whether two identities are one org. Where both org ids are known they decide together with the API's address, so that somebody who had to sign in again
// can go on with the run; otherwise everything must be equal.
func (i Identity) Same(other Identity) bool {
	if i.OrgID != "" && other.OrgID != "" {
		return i.OrgID == other.OrgID && i.APIURL == other.APIURL
	}
	return i.APIURL == other.APIURL && i.ClientID == other.ClientID && i.Fingerprint == other.Fingerprint
}

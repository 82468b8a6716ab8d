package job

import (
	"context"
	"time"

	"rolecall/api"
	"rolecall/api/pace"
	"rolecall/job/deals"
	"rolecall/job/disk"
)

// Zoho is what the jobs need of an org. *api.Client is one.
type Zoho interface {
	Roles(ctx context.Context) ([]api.Role, error)
	AssignContactRole(ctx context.Context, deal, contact string, role api.RoleRef) (api.Answer, error)
	AssignContactRoles(ctx context.Context, deal string, as []api.Assignment) ([]api.Outcome, error)
	RemoveContactRoles(ctx context.Context, deal string, contacts []string) ([]api.Outcome, error)
	DealContactRole(ctx context.Context, deal, contact string, fields ...string) (api.DealContact, bool, error)
	deals.Zoho
	Lists
	Picklist
}

// Picklist is the org's list of roles, beside the reading of it.
type Picklist interface {
	Role(ctx context.Context, id string) (api.Role, bool, error)
	CreateRoles(ctx context.Context, roles []api.RoleWrite) ([]api.Outcome, error)
	UpdateRoles(ctx context.Context, roles []api.RoleWrite) ([]api.Outcome, error)
	UpdateRole(ctx context.Context, role api.RoleWrite) (api.Answer, error)
	DeleteRoles(ctx context.Context, ids []string) ([]api.Outcome, error)
	DeleteRole(ctx context.Context, id string) (api.Answer, error)
}

// Lists are the records of an org.
type Lists interface {
	Query(ctx context.Context, query string, rows int) (api.Page, error)
	QueryCount(ctx context.Context, query string) (int64, error)
	Records(ctx context.Context, module string, q api.RecordsQuery) (api.Page, error)
	CountRecords(ctx context.Context, module, criteria string) (int64, error)
	ContactDeals(ctx context.Context, contact string, fields ...string) ([]api.ContactDeal, error)
}

// Org is an org that is signed in to.
type Org struct {
	Zoho     Zoho
	Pacer    *pace.Pacer // every call of Zoho passes it
	Identity Identity
	InFlight int // calls in flight that this run may have

	Version  api.Version
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

// Known returns what is known of an org, where anything is kept at all.
func (o *Org) Known(what string) string {
	if o.Findings == nil {
		return ""
	}
	return o.Findings.Recall(what)
}

// Keep keeps what was found out about an org, where anything is kept at all.
func (o *Org) Keep(what string) func(finding string) {
	return func(finding string) {
		if o.Findings != nil {
			o.Findings.Remember(what, finding)
		}
	}
}

// Left is how many credits a run with these settings may still spend, as far as that is known: what the org has, without the reserve, and no more than the user allows. -1 is not known.
func (o *Org) Left(set Settings) int64 {
	stats := o.Pacer.Stats()
	left := int64(stats.Remaining)
	if left >= 0 {
		left = max(0, left-o.Reserve)
	}
	if most := int64(set.MaxCredits); most > 0 {
		most = max(0, most-int64(stats.Credits))
		if left < 0 || most < left {
			left = most
		}
	}
	return left
}

// findingCollection is one of the things that Findings are of.
const findingCollection = "collection PUT /Deals/{id}/Contact_Roles"

// Hooks are what a run wants to hear of its calls, for its log.
type Hooks struct {
	Attempt func(api.Attempt)
	Episode func(pace.Episode)
	Wait    func(until time.Time, why string) // for credits to come back
}

// LogHooks have a log hear of the calls.
func LogHooks(l *disk.Log) Hooks { return Hooks{Attempt: l.Attempt, Episode: l.Episode, Wait: l.Wait} }

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

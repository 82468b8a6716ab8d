package job

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rolecall/api"
	"rolecall/api/gateway"
	"rolecall/api/pace"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// Org is an org that the user is signed in to.
type Org struct {
	Client   *api.Client // each job uses it through a small interface of its own
	Pacer    *pace.Pacer // paces every call
	Identity Identity
	InFlight int // the most calls in flight of this run

	Version  api.Version
	Reserve  int64 // credits that the run must leave
	Batches  bool  // the API version has the collection PUT
	Composes bool  // the API version has composite requests
	Findings Findings
	Gateway  *gateway.Forward // what the gateway to the org forwards; nil: there is no gateway

	Voice *pace.Pacer // paces the calls to Zoho Voice; nil: a job of Voice uses Pacer
}

// UseVoice makes the run pace and count the calls to Zoho Voice. Voice has limits of its own, and its calls cost no CRM
// credits. UseVoice fails if the profile uses a gateway, because a gateway forwards only calls to the CRM.
func (o *Org) UseVoice() error {
	if o.Gateway != nil {
		return &UsageError{Err: errors.New("the profile calls Zoho through a gateway, which forwards no call to Zoho " +
			"Voice: give a profile that signs in to Zoho itself; nothing was sent")}
	}
	if o.Voice != nil {
		o.Pacer, o.Voice = o.Voice, nil
		o.InFlight = min(o.InFlight, api.VoiceInFlight)
	}
	return nil
}

// Findings stores what runs found out about an org, so that later runs need not find it out again. A run goes on if the
// store fails.
type Findings interface {
	// Recall returns the finding about a subject, or "" if there is none or it is too old.
	Recall(what string) (finding string)
	// Remember stores the finding about a subject.
	Remember(what, finding string)
}

// Known returns an earlier finding about the org, or "".
func (o *Org) Known(what string) string {
	if o.Findings == nil {
		return ""
	}
	return o.Findings.Recall(what)
}

// Keep returns a function that stores a finding about the subject what.
func (o *Org) Keep(what string) func(finding string) {
	return func(finding string) {
		if o.Findings != nil {
			o.Findings.Remember(what, finding)
		}
	}
}

// Cost returns the part of a price that depends on the org: the calls in flight, the time of a call in milliseconds,
// and the credits that are left.
func (o *Org) Cost(set Settings) report.Cost {
	return report.Cost{
		InFlight: int64(o.InFlight), CreditsLeft: o.Left(set),
		CallMilliseconds: float64(o.Pacer.CallStats().P50) / float64(time.Millisecond),
	}
}

// Left returns how many credits a run with these settings may still spend: the org's credits without the reserve, and
// no more than --max-credits. It returns -1 if that is not known.
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

// Hooks are the functions that log the calls of a run.
type Hooks struct {
	Attempt func(api.Attempt)                 // called after each attempt of a call
	Episode func(pace.Episode)                // called when a time of 429 answers begins or ends
	Wait    func(until time.Time, why string) // called when a call waits until credits come back
}

// LogHooks returns the hooks that write to a log.
func LogHooks(l *rundir.Log) Hooks {
	return Hooks{Attempt: l.Attempt, Episode: l.Episode, Wait: l.Wait}
}

// Connect signs in to the org that the settings name, and sets their limits. A run calls it once, after the survey of
// the input. Its errors are *UsageError, *Stop, or those of package api.
type Connect func(ctx context.Context, set Settings, h Hooks) (*Org, error)

// Identity is the org that a run belongs to. It holds no secret: the fingerprint of the refresh token is a hash.
type Identity struct {
	APIURL      string `json:"api_url"`
	ClientID    string `json:"client_id"`
	Fingerprint string `json:"refresh_token_sha256"`
	OrgID       string `json:"org_id,omitempty"` // "" if it could not be read
}

// Same reports whether two identities are the same org. If both org ids are known, it compares the ids and the address
// of the API, so that a user who signed in again can resume the run. Otherwise all fields must be equal.
func (i Identity) Same(other Identity) bool {
	if i.OrgID != "" && other.OrgID != "" {
		return i.OrgID == other.OrgID && i.APIURL == other.APIURL
	}
	return i.APIURL == other.APIURL && i.ClientID == other.ClientID && i.Fingerprint == other.Fingerprint
}

// String returns the name of the org for people: its address and its id.
func (i Identity) String() string {
	if i.OrgID == "" {
		return i.APIURL
	}
	return fmt.Sprintf("%s, org %s", i.APIURL, i.OrgID)
}

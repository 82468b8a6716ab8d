package emulator

import (
	"fmt"
	"strings"
	"time"
)

// Options say what to rehearse against. The zero value is an enterprise org
// of 100 deals and 100 contacts, in memory, without latency or faults.
type Options struct {
	// Edition of the org: free, standard, professional, enterprise or
	// ultimate. It decides the calls in flight. "" is the org's own, else
	// enterprise.
	Edition string
	// InFlight overrides the edition's calls in flight; 0 does not.
	InFlight int
	// Credits that may be used in any 24 hours; 0 is no limit.
	Credits int

	// Latency of every answered API call.
	Latency time.Duration
	// TokenTTL is the life of an access token; 0 is Zoho's hour.
	TokenTTL time.Duration
	// TokenRequests is how many access tokens a refresh token gets in ten
	// minutes; 0 is Zoho's 10. Negative lifts that limit and the one on
	// tokens alive at a time.
	TokenRequests int
	// ClientID and ClientSecret are of the only client that may sign in, in
	// place of the org's; "" is the org's own, else any.
	ClientID, ClientSecret string
	// DevicePolls is how long a device must wait between two questions whether
	// its user has consented; 0 is Zoho's 30 seconds.
	DevicePolls time.Duration
	// Location is the name of this data centre, such as "eu"; "" is "us".
	// OtherCentres are other emulators that stand for other data centres:
	// location and accounts server, such as "http://127.0.0.1:8766".
	Location     string
	OtherCentres map[string]string

	// CollectionPut says what PUT /Deals/{id}/Contact_Roles does in v8:
	// "merge" (the default: contacts left out stay), "replace" (they go) or
	// "off" (INVALID_REQUEST_METHOD, as in the versions before).
	CollectionPut string
	// Composite says whether POST /__composite_requests is there: "on" (the
	// default) or "off" (INVALID_URL_PATTERN).
	Composite string
	// Coql says what POST /coql does: "on" (the default), "unscoped" (refused
	// for every token as if the scope were missing, OAUTH_SCOPE_MISMATCH) or
	// "off" (NOT_SUPPORTED).
	Coql string
	// CoqlRows is the most rows of a COQL call: 2000 (the default), of 100,000
	// by offset, or 200, of 10,000, as Zoho's older documents have it.
	CoqlRows int

	// RoleMoves says what an update that gives a role another position does to
	// the others, which is documented nowhere: "shift" (the default: the role is
	// taken out and put there, those between move up or down), "swap" (it
	// changes places with the role that is there) or "keep" (the position is
	// accepted and nothing moves).
	RoleMoves string
	// Denied are the rights that the user has not: "roles.read",
	// "roles.create", "roles.update" and "roles.delete", of the role picklist.
	// Their calls are refused with NO_PERMISSION.
	Denied []string

	// Faults to inject, see ParseFaults. FaultSeed makes them repeatable.
	Faults    Faults
	FaultSeed int64

	// Org to begin with, see ReadOrg; nil generates one of Deals deals and
	// Contacts contacts, each 100 when 0.
	Org             *Org
	Deals, Contacts int
	// RolesPerDeal gives generated deals contact roles: deal i has i mod
	// (RolesPerDeal+1) of them. 0 to 200.
	RolesPerDeal int

	// State names a file that keeps the org between processes; "" keeps it in
	// memory. An org found there is taken up; see New for what then holds.
	// The file must not be open twice: the caller holds a lock.
	State string
	// Reset replaces an existing State file by the org of these options.
	Reset bool

	// Now is the clock for token life and credits; nil is time.Now.
	Now func() time.Time
}

// defaultRecords is the size of an org nobody described: large enough to page
// through nothing, small enough to read.
const defaultRecords = 100

// maxGenerated keeps generated deal ids apart from generated contact ids.
const maxGenerated = 1_000_000_000

// editions maps an edition to its calls in flight. Zoho CRM API v8, API
// Limits, "Concurrency limit".
func inFlightOf(edition string) (int, bool) {
	switch edition {
	case "free":
		return 5, true
	case "standard":
		return 10, true
	case "professional":
		return 15, true
	case "enterprise":
		return 20, true
	case "ultimate":
		return 25, true
	}
	return 0, false
}

func checkEdition(name string) error {
	if _, known := inFlightOf(name); !known {
		return fmt.Errorf("unknown edition %q: use free, standard, professional, enterprise or ultimate", name)
	}
	return nil
}

// check refuses what makes no sense and fills in the defaults.
func (o *Options) check() error {
	o.Edition = strings.ToLower(strings.TrimSpace(o.Edition))
	if o.Edition != "" {
		if err := checkEdition(o.Edition); err != nil {
			return err
		}
	}
	switch o.CollectionPut {
	case "":
		o.CollectionPut = "merge"
	case "merge", "replace", "off":
	default:
		return fmt.Errorf("unknown collection PUT %q: use merge, replace or off", o.CollectionPut)
	}
	switch o.Composite {
	case "":
		o.Composite = "on"
	case "on", "off":
	default:
		return fmt.Errorf("unknown setting of composite requests %q: use on or off", o.Composite)
	}
	if err := o.checkRoles(); err != nil {
		return err
	}
	if err := o.checkCoql(); err != nil {
		return err
	}
	switch {
	case o.InFlight < 0 || o.Credits < 0 || o.Latency < 0 || o.TokenTTL < 0 || o.DevicePolls < 0:
		return fmt.Errorf("calls in flight, credits, latency, token life and the time between a device's questions cannot be negative")
	case (o.ClientID == "") != (o.ClientSecret == ""):
		return fmt.Errorf("a client has an id and a secret: give both, or none for any client")
	case o.Deals < 0 || o.Contacts < 0 || o.Deals > maxGenerated || o.Contacts > maxGenerated:
		return fmt.Errorf("an org is generated with 1 to %d deals and contacts", maxGenerated)
	case o.RolesPerDeal < 0 || o.RolesPerDeal > maxRolesPerDeal:
		return fmt.Errorf("generated deals have 0 to %d contact roles", maxRolesPerDeal)
	case o.Org != nil && (o.Deals > 0 || o.Contacts > 0 || o.RolesPerDeal > 0):
		return fmt.Errorf("an org is either seeded or generated: leave out the numbers of deals, contacts and roles, or the seed")
	}
	if o.TokenTTL == 0 {
		o.TokenTTL = time.Hour // Zoho CRM API, Token Validity
	}
	if o.TokenRequests == 0 {
		o.TokenRequests = 10 // per 10 minutes; Zoho CRM API, Token Validity
	}
	if o.DevicePolls == 0 {
		o.DevicePolls = 30 * time.Second // Zoho Accounts, OAuth 2.0, Polling request
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	_, err := newCentre(o.Location, o.OtherCentres)
	return err
}

func (o *Options) checkRoles() (err error) {
	switch o.RoleMoves {
	case "":
		o.RoleMoves = "shift"
	case "shift", "swap", "keep":
	default:
		return fmt.Errorf("unknown way to move roles %q: use shift, swap or keep", o.RoleMoves)
	}
	o.Denied, err = checkRights(o.Denied)
	return err
}

func (o *Options) checkCoql() error {
	switch o.Coql {
	case "":
		o.Coql = "on"
	case "on", "unscoped", "off":
	default:
		return fmt.Errorf("unknown setting of COQL %q: use on, unscoped or off", o.Coql)
	}
	switch o.CoqlRows {
	case 0:
		o.CoqlRows = 2000
	case 200, 2000:
	default:
		return fmt.Errorf("a COQL call gives up to 200 or 2000 rows, not %d", o.CoqlRows)
	}
	return nil
}

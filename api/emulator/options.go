package emulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rolecall/api/emulator/accounts"
	"rolecall/api/emulator/crm"
	"rolecall/api/emulator/gateway"
	"rolecall/api/emulator/org"
	"rolecall/api/emulator/voice"
)

// RefreshToken is the refresh token that always exists. It may do everything and belongs to every client.
const RefreshToken = accounts.RefreshToken

// Options configure an emulator. The zero value is an enterprise org of 100 deals and 100 contacts, in memory, without
// latency or faults.
type Options struct {
	// Edition of the org: free, standard, professional, enterprise or ultimate. It decides the calls in flight. "" is
	// the edition of the seed, or enterprise.
	Edition string
	// InFlight overrides the edition's calls in flight, unless it is 0.
	InFlight int
	// Credits that may be used in any 24 hours; 0 is no limit.
	Credits int

	// Latency of every answered API call.
	Latency time.Duration
	// TokenTTL is the life of an access token; 0 is Zoho's hour.
	TokenTTL time.Duration
	// TokenRequests is how many access tokens a refresh token gets in ten minutes; 0 is Zoho's 10. A negative number
	// lifts that limit and the one on tokens that are valid at a time.
	TokenRequests int
	// ClientID and ClientSecret are those of the only client that may sign in, in place of the seed's client. If both
	// are empty, the seed's client may sign in, or any client if the seed has none.
	ClientID, ClientSecret string
	// DevicePolls is the time that a device must wait between two polls; 0 is Zoho's 30 seconds.
	DevicePolls time.Duration
	// Location is the name of this data centre, such as "eu"; "" is "us". OtherCentres are other emulators that stand
	// for other data centres: location and accounts server, such as "http://127.0.0.1:8766".
	Location     string
	OtherCentres map[string]string

	// CollectionPut is what PUT /Deals/{id}/Contact_Roles does in v8: "merge" (the default: other contacts stay),
	// "replace" (they go) or "off" (INVALID_REQUEST_METHOD, as in earlier versions).
	CollectionPut string
	// Composite turns POST /__composite_requests "on" (the default) or "off" (INVALID_URL_PATTERN).
	Composite string
	// Coql is what POST /coql does: "on" (the default), "unscoped" (every token lacks the scope, OAUTH_SCOPE_MISMATCH)
	// or "off" (NOT_SUPPORTED).
	Coql string
	// CoqlRows is the most rows of a COQL call: 2000 (the default), of 100,000 by offset, or 200, of 10,000, as in
	// Zoho's older documents.
	CoqlRows int
	// CoqlCaseless makes COQL ignore the case of texts. No page of Zoho says whether it does.
	CoqlCaseless bool

	// SearchLag is how long after a write searches do not find the record. Zoho says only that its index is late.
	SearchLag time.Duration

	// RoleMoves is what an update of a role's position does to the other roles, which is not documented: "shift" (the
	// default: the role is taken out and inserted there, the roles between move up or down), "swap" (it changes places
	// with the role that is there) or "keep" (the position is accepted and nothing moves).
	RoleMoves string
	// Denied are the rights that the user lacks: "roles.read", "roles.create", "roles.update" and "roles.delete" of the
	// role picklist, "deal_roles.read", "deal_roles.update" and "deal_roles.delete" of the contact roles of deals, and
	// "contacts.view", "contacts.create", "contacts.update" and "contacts.delete" of each module. Their calls are
	// refused with NO_PERMISSION, or with AUTHORIZATION_FAILED if that is added: "roles.read=AUTHORIZATION_FAILED".
	Denied []string

	// Gateway is the PinkConnect gateway, which the emulator serves under /pinkconnect/. Its Modules are set here.
	Gateway gateway.Options
	// VoiceContact is where Zoho Voice reads the parameter "contact" of a write: "form" (the default), "query" or
	// "either". Zoho's pages do not say.
	VoiceContact string
	// VoicePut is what an update of a Voice contact does to fields that it does not name: "replace" (the default:
	// they become empty) or "merge" (they stay). Zoho's pages do not say.
	VoicePut string
	// VoiceInFlight is how many calls to Zoho Voice may be in flight; 0 is 5. Its pages name no limit.
	VoiceInFlight int
	// VoiceRate is how many calls of one kind to Zoho Voice may come in a minute; 0 is no limit. One more locks the
	// kind for VoiceLock; 0 is 10 minutes.
	VoiceRate int
	VoiceLock time.Duration
	// VoiceContacts is how many contacts of Zoho Voice are generated; 0 is none.
	VoiceContacts int

	// Faults to inject, see ParseFaults. FaultSeed makes them repeatable.
	Faults    Faults
	FaultSeed int64

	// Org to begin with, see ReadOrg; nil generates one of Deals deals and Contacts contacts, each 100 when 0.
	Org             *Org
	Deals, Contacts int
	// RolesPerDeal gives generated deals contact roles: deal i has i mod (RolesPerDeal+1) of them. 0 to 200.
	RolesPerDeal int

	// State names a file that keeps the org between processes; "" is memory only. See New for an org that the file has.
	// The file must not be open twice: the caller holds a lock.
	State string
	// Reset replaces an existing State file by the org of these options.
	Reset bool

	// Now is the clock for token life and credits; nil is time.Now.
	Now func() time.Time
}

func (o *Options) accounts() accounts.Options {
	a := accounts.Options{
		TokenTTL: o.TokenTTL, TokenRequests: o.TokenRequests, DevicePolls: o.DevicePolls,
		Location: o.Location, OtherCentres: o.OtherCentres, Now: o.Now,
	}
	if o.ClientID != "" {
		a.Client = &Client{ID: o.ClientID, Secret: o.ClientSecret}
	}
	return a
}

func (o *Options) crm() crm.Settings {
	return crm.Settings{
		CollectionPut: o.CollectionPut, RoleMoves: o.RoleMoves,
		Coql: o.Coql, CoqlRows: o.CoqlRows, CoqlCaseless: o.CoqlCaseless, Now: o.Now,
	}
}

func (o *Options) voice() voice.Settings {
	return voice.Settings{Contact: o.VoiceContact, Put: o.VoicePut, Now: o.Now}
}

func (o *Options) wanted() org.Wanted {
	g := Generated{
		Deals: o.Deals, Contacts: o.Contacts, RolesPerDeal: o.RolesPerDeal, VoiceContacts: o.VoiceContacts,
	}
	return org.Wanted{Seed: o.Org, Generated: g, State: o.State, Reset: o.Reset}
}

// check refuses bad options and fills in the defaults.
func (o *Options) check() error {
	o.Edition = strings.ToLower(strings.TrimSpace(o.Edition))
	var unknown error
	if o.Edition != "" {
		_, unknown = org.InFlight(o.Edition)
	}
	if err := errors.Join(
		unknown,
		choose(&o.CollectionPut, "collection PUT", "merge", "replace", "off"),
		choose(&o.Composite, "setting of composite requests", "on", "off"),
		choose(&o.Coql, "setting of COQL", "on", "unscoped", "off"),
		choose(&o.RoleMoves, "way to move roles", "shift", "swap", "keep"),
		o.Gateway.Check(),
		choose(&o.VoiceContact, `place of the Voice parameter "contact"`, "form", "query", "either"),
		choose(&o.VoicePut, "way to update a Voice contact", "replace", "merge"),
		o.checkNumbers(),
	); err != nil {
		return err
	}
	if o.CoqlRows == 0 {
		o.CoqlRows = 2000
	}
	if o.TokenTTL == 0 {
		o.TokenTTL = time.Hour // Zoho CRM API, Token Validity
	}
	if o.TokenRequests == 0 {
		o.TokenRequests = 10 // per 10 minutes; Zoho CRM API, Token Validity
	}
	if o.VoiceInFlight == 0 {
		o.VoiceInFlight = 5
	}
	if o.VoiceLock == 0 {
		o.VoiceLock = 10 * time.Minute // Zoho Voice, call logs: "lock period 10 min"
	}
	if o.DevicePolls == 0 {
		o.DevicePolls = 30 * time.Second // Zoho Accounts, OAuth 2.0, Polling request
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return nil
}

// choose checks a setting. An empty one becomes the first choice.
func choose(setting *string, what string, choices ...string) error {
	if *setting == "" {
		*setting = choices[0]
	}
	if slices.Contains(choices, *setting) {
		return nil
	}
	last := len(choices) - 1
	return fmt.Errorf("unknown %s %q: use %s or %s", what, *setting, strings.Join(choices[:last], ", "), choices[last])
}

func (o *Options) checkNumbers() error {
	const most = org.MaxGenerated
	switch {
	case o.CoqlRows != 0 && o.CoqlRows != 200 && o.CoqlRows != 2000:
		return fmt.Errorf("a COQL call gives up to 200 or 2000 rows, not %d", o.CoqlRows)
	case o.InFlight < 0 || o.Credits < 0 || o.Latency < 0 || o.TokenTTL < 0 || o.DevicePolls < 0,
		o.SearchLag < 0, o.VoiceInFlight < 0, o.VoiceRate < 0, o.VoiceLock < 0:
		return errors.New("calls in flight, credits, latency, search lag, token life, the time between polls, " +
			"the calls in a minute and their lock cannot be negative")
	case (o.ClientID == "") != (o.ClientSecret == ""):
		return errors.New("a client has an id and a secret: give both, or none for any client")
	case o.Deals < 0 || o.Contacts < 0 || o.Deals > most || o.Contacts > most:
		return fmt.Errorf("an org is generated with 1 to %d deals and contacts", most)
	case o.RolesPerDeal < 0 || o.RolesPerDeal > org.MaxRolesPerDeal:
		return fmt.Errorf("generated deals have 0 to %d contact roles", org.MaxRolesPerDeal)
	case o.VoiceContacts < 0 || o.VoiceContacts > most:
		return fmt.Errorf("0 to %d contacts of Zoho Voice are generated", most)
	case o.Org != nil && (o.Deals > 0 || o.Contacts > 0 || o.RolesPerDeal > 0 || o.VoiceContacts > 0):
		return errors.New("an org is either seeded or generated: leave out the numbers of deals, contacts and roles, " +
			"or the seed")
	}
	return nil
}

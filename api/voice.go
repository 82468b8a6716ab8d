package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"rolecall/api/auth"
	"rolecall/api/pace"
)

// voice is Zoho Voice on the request path of a client: the tokens, the retries, the transport and the trace are the
// client's. Host, envelope, pacer and limits are Voice's own. Calls cost no CRM credits.
//
// It is not a package, because it uses the unexported parts of a call (request, due, reply, fault, call). A package
// would have to export them all.
type voice struct {
	*Client

	way way
}

const (
	// defaultVoiceURL is the only host in Zoho's pages, the Japanese ones too (Zoho Voice, Contacts API).
	defaultVoiceURL = "https://voice.zoho.com"
	voicePath       = "/rest/json/zv" // Zoho Voice, Contacts API
	pathVoice       = "/contacts"
	pathVoiceOne    = "/contacts/%s"
	pathVoiceStatus = "/contacts/contact_status"
	// MostVoicePerPage is how many contacts VoiceContacts gives (Zoho Voice, Get all contacts: size).
	MostVoicePerPage = 50
	// VoiceInFlight is how many calls to Zoho Voice may be in flight. Its pages name no limit. This is the lowest limit
	// of the CRM.
	VoiceInFlight = 5
)

var (
	dueVoiceContacts = due{"contacts", voiceResult}
	dueVoiceStatuses = due{"contact_status", voiceResult}
)

// voicePatience is how long Voice may answer 429 to everything: longer than a lock.
const voicePatience = 15 * time.Minute

// NewVoicePacer makes the pacer of the calls to Zoho Voice: at most VoiceInFlight at a time, without credits, and with
// patience for a lock.
func NewVoicePacer(c pace.Config) *pace.Pacer {
	if c.InFlight <= 0 || c.InFlight > VoiceInFlight {
		c.InFlight = VoiceInFlight
	}
	c.Free, c.Patience, c.MaxCredits = true, voicePatience, 0
	return pace.New(c)
}

// newVoice returns Zoho Voice for a client.
func newVoice(of *Client, c Config) (*voice, error) {
	raw := c.VoiceURL
	if raw == "" {
		raw = defaultVoiceURL
	}
	base, err := auth.CheckURL(raw)
	if err != nil {
		return nil, err
	}
	pacer := c.VoicePacer
	if pacer == nil {
		pacer = NewVoicePacer(pace.Config{})
	}
	return &voice{Client: &Client{
		base:   strings.TrimSuffix(base.String(), "/") + voicePath,
		tokens: of.tokens, pacer: pacer, transport: of.transport, trace: of.trace,
		policy: of.policy, jitter: of.jitter, agent: of.agent,
		decode: decodeVoice,
		ping:   request{method: http.MethodGet, path: pathVoice, query: "from=0&size=1", due: dueVoiceContacts},
	}}, nil
}

// VoiceContact is a contact of Zoho Voice.
type VoiceContact struct {
	ID      string
	Owner   string            // id of a user
	Fields  map[string]string // by VoiceFields; each has a value, maybe ""
	Created string            // milliseconds since 1970; "" in lists
	Numbers []string          // nil in lists
}

// VoiceFields returns the fields of a contact that a call may write, in the order of Zoho's page (Zoho Voice, Create a
// contact), without contact_status.
func VoiceFields() []string {
	return []string{
		"first_name", "last_name", "email", "mobile", "mobile1", "mobile2", "mobile3",
		"phone", "phone1", "phone2", "phone3", "company", "address", "state", "country", "is_favourite", "is_spam",
	}
}

// VoiceStatus is a value of contact_status.
type VoiceStatus struct {
	ID   string
	Name string
}

// VoicePage is a part of the list of contacts. A page shorter than its size is the last one.
type VoicePage struct {
	Contacts []VoiceContact
	Total    int64 // of all contacts; -1: not known
}

// VoiceContacts returns size contacts from an index on, which begins at 0; size is 1 to MostVoicePerPage. Zoho counts
// all contacts only if count is set. The call needs the scope zohovoice.contacts.READ. A refusal or failure is an
// *Error.
//
// Zoho Voice, Get all contacts.
func (c *Client) VoiceContacts(ctx context.Context, from, size int, count bool) (VoicePage, error) {
	q := request{method: http.MethodGet, path: pathVoice, due: dueVoiceContacts}
	q.query = "from=" + strconv.Itoa(from) + "&size=" + strconv.Itoa(size)
	if count {
		q.query += "&totalCount=true"
	}
	switch {
	case from < 0:
		q.invalid = fmt.Errorf("there is no contact %d", from)
	case size < 1 || size > MostVoicePerPage:
		q.invalid = fmt.Errorf("%d contacts a page; Zoho Voice gives 1 to %d", size, MostVoicePerPage)
	}
	return read(ctx, c.voice.Client, q, func(r *reply) (VoicePage, error) {
		contacts, err := decodeVoiceContacts(r.list)
		for i := range contacts {
			if contacts[i].ID == "" && err == nil {
				err = fmt.Errorf("contact %d has no id", i+1)
			}
		}
		return VoicePage{Contacts: contacts, Total: r.voice.total()}, err
	})
}

// VoiceContact returns one contact. It returns false if Voice answers 404, or with no contact. The call needs the scope
// zohovoice.contacts.READ. A refusal or failure is an *Error.
//
// Zoho Voice, Get a contact record.
func (c *Client) VoiceContact(ctx context.Context, id string) (VoiceContact, bool, error) {
	path, err := pathOf(pathVoiceOne, id)
	q := request{method: http.MethodGet, path: path, due: dueVoiceContacts, invalid: err}
	contacts, err := read(ctx, c.voice.Client, q, func(r *reply) ([]VoiceContact, error) {
		contacts, err := decodeVoiceContacts(r.list)
		if err == nil && (len(contacts) > 1 || len(contacts) == 1 && contacts[0].ID != id) {
			err = errors.New("the answer is about another contact")
		}
		return contacts, err
	})
	if VoiceGone(err) {
		return VoiceContact{}, false, nil
	}
	if err != nil || len(contacts) == 0 {
		return VoiceContact{}, false, err
	}
	return contacts[0], true, nil
}

// VoiceGone reports whether a call failed because its contact does not exist: Voice refused it with 404. Its pages
// do not say how it refuses an unknown contact, so another refusal may mean the same.
func VoiceGone(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.HTTP == http.StatusNotFound && e.Code != ""
}

// VoiceStatuses returns the values that contact_status may have. The call needs the scope zohovoice.contacts.READ. A
// refusal or failure is an *Error.
//
// Zoho Voice, Get all contact statuses.
func (c *Client) VoiceStatuses(ctx context.Context) ([]VoiceStatus, error) {
	q := request{method: http.MethodGet, path: pathVoiceStatus, due: dueVoiceStatuses}
	return read(ctx, c.voice.Client, q, decodeVoiceStatuses)
}

// Package voice is Zoho Voice in the emulator: its contacts, below /rest/json/zv.
//
// Its envelope is its own: {"code": "200", "contacts": ..., "status": "SUCCESS"}, and a refusal has a code, a message
// and the status "ERROR". Zoho's pages list no codes of contacts and no HTTP status of a refusal; those here are ours.
package voice

import (
	"errors"
	"net/http"
	"time"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// Prefix is the path before every route.
const Prefix = "/rest/json/zv/"

// Settings are what the pages leave open.
type Settings struct {
	Contact string // where the parameter "contact" of a write stands: "form", "query" or "either"
	Put     string // what an update does to fields that it does not name: "replace" empties them, "merge" keeps them
	Now     func() time.Time
}

// An API answers calls on the contacts of an org.
type API struct {
	book *org.VoiceBook
	Settings
}

// New makes an API on a store.
func New(s *org.Store, set Settings) *API { return &API{book: s.Voice, Settings: set} }

// Routes returns the calls that the API answers. Zoho Voice, Contacts API.
func (a *API) Routes() []wire.Route {
	const all, one, scope = "/contacts", "/contacts/{id}", "zohovoice.contacts."
	return []wire.Route{
		{Method: "POST", Pattern: all, Scopes: scope + "CREATE", Handler: a.create},
		{Method: "GET", Pattern: all, Scopes: scope + "READ", Handler: a.list},
		{Method: "GET", Pattern: all + "/contact_status", Scopes: scope + "READ", Handler: a.statuses},
		{Method: "GET", Pattern: one, Scopes: scope + "READ", Handler: a.get},
		{Method: "PUT", Pattern: one, Scopes: scope + "UPDATE", Handler: a.update},
		{Method: "DELETE", Pattern: one, Scopes: scope + "DELETE", Handler: a.remove},
	}
}

// refusal is the answer that refuses.
type refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Status  string `json:"status"`
}

// Refused turns the error of a handler into an answer.
func Refused(err error) wire.Answer {
	r, isRefusal := errors.AsType[*wire.Refusal](err)
	if !isRefusal {
		r = wire.InternalError()
	}
	a, _ := wire.OK(refusal{r.Result.Code, r.Result.Message, "ERROR"}) // texts can be encoded
	a.Status = r.Status
	return a
}

// The codes of contacts are not documented. These have the form of those of SMS (Zoho Voice, Send SMS: ZVSMS-4027).
func refuse(code, message string) error {
	return wire.Refuse(http.StatusBadRequest, "ZVCONTACT-"+code, message, wire.Details{})
}

func unknownContact() error {
	return wire.Refuse(http.StatusNotFound, "ZVCONTACT-4004", "The contact does not exist", wire.Details{})
}

package emulator

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
)

// Stats says what happened so far.
func (e *Emulator) Stats() Stats { return e.gate.snapshot() }

// SetLimits changes limits while calls come in and gives those now in force.
func (e *Emulator) SetLimits(l Limits) (Limits, error) { return e.gate.set(l) }

// SnapshotState gives who plays which role, by deal id and contact id; deals
// without roles are not in it.
func (e *Emulator) SnapshotState() map[string]map[string]RoleRef {
	p := e.store.picture()
	state := make(map[string]map[string]RoleRef)
	for deal, relations := range p.all(false) {
		contacts := make(map[string]RoleRef, len(relations))
		for _, r := range relations {
			role, _ := p.picklist.byID(r.role, true)
			contacts[r.contact.String()] = RoleRef{ID: r.role.String(), Name: role.name}
		}
		state[deal.String()] = contacts
	}
	return state
}

// serveInspection answers what is no part of Zoho. It takes no token.
func (e *Emulator) serveInspection(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "GET /__emulator/stats":
		writeJSON(w, e.Stats())
	case "GET /__emulator/state":
		streamJSON(w, e.writeState)
	case "GET /__emulator/org":
		streamJSON(w, e.writeOrg)
	case "POST /__emulator/limits":
		e.serveLimits(w, r)
	case "POST /__emulator/grant":
		e.accounts.serveGrant(w, r)
	case "POST /__emulator/client":
		e.accounts.serveClient(w, r)
	case "POST /__emulator/centres":
		e.accounts.serveCentres(w, r)
	case "POST /__emulator/handover":
		e.accounts.serveHandover(w, r)
	default:
		http.Error(w, "there are GET /__emulator/stats, /__emulator/state and /__emulator/org, "+
			"and POST /__emulator/limits, /__emulator/grant, /__emulator/client and /__emulator/centres", http.StatusNotFound)
	}
}

func (e *Emulator) serveLimits(w http.ResponseWriter, r *http.Request) {
	var l Limits
	err := readJSON(w, r, &l)
	if err == nil {
		l, err = e.SetLimits(l)
	}
	if err != nil {
		http.Error(w, "limits: "+err.Error()+`; send for example {"in_flight": 5, "credits": 100}`, http.StatusBadRequest)
		return
	}
	writeJSON(w, l)
}

// readJSON reads the body of a request to the emulator itself.
func readJSON[T any](w http.ResponseWriter, r *http.Request, v *T) error {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxTokenBody))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}

func writeJSON[T any](w http.ResponseWriter, v T) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer{status: http.StatusOK, body: append(body, '\n')}.write(w)
}

// streamJSON sends what write writes, however long: an org may have a million
// deals.
func streamJSON(w http.ResponseWriter, write func(*bufio.Writer)) {
	w.Header().Set("Content-Type", "application/json")
	b := bufio.NewWriterSize(w, 64<<10)
	write(b)
	// A bufio.Writer keeps its first error, and the client that caused it has
	// gone: there is nobody to tell.
	_ = b.Flush()
}

func (e *Emulator) writeState(w *bufio.Writer) {
	writeDeals(w, e.store.picture(), false, `{"deals": {`, `{"contact_roles": `, `}`)
	_, _ = io.WriteString(w, "}}\n")
}

// writeOrg gives the org as it is now, in the form of a seed, without its
// client and refresh tokens.
func (e *Emulator) writeOrg(w *bufio.Writer) {
	p := e.store.picture()
	o := *e.store.seed
	o.Org = e.store.base.info
	o.Org.Edition = e.edition
	o.Roles, o.DeletedRoles = p.picklist.export()
	o.DealRoles = nil
	o.DeletedDeals = p.deals.gone
	o.Client = nil // its secret is nothing to print
	body, err := json.Marshal(&o)
	if err != nil { // an Org holds nothing that cannot be encoded
		return
	}
	_, _ = w.Write(body[:len(body)-1])
	writeDeals(w, p, true, `,"deal_contact_roles": {`, "", "")
	_, _ = io.WriteString(w, "}}\n")
}

// writeDeals writes the deals of a picture, sorted, each between before and
// after.
func writeDeals(w *bufio.Writer, p *picture, lost bool, start, before, after string) {
	names := quotedNames(&p.picklist)
	_, _ = w.WriteString(start)
	var b []byte
	first := true
	for deal, relations := range p.all(lost) {
		b = b[:0]
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, "\n\""...)
		b = strconv.AppendUint(b, uint64(deal), 10)
		b = append(b, "\": "...)
		b = append(b, before...)
		b = appendRelations(b, relations, names)
		b = append(b, after...)
		_, _ = w.Write(b)
	}
}

func appendRelations(b []byte, relations []relation, names map[id]json.RawMessage) []byte {
	b = append(b, '{')
	for k, r := range relations {
		if k > 0 {
			b = append(b, ", "...)
		}
		b = append(b, '"')
		b = strconv.AppendUint(b, uint64(r.contact), 10)
		b = append(b, `": {"id": "`...)
		b = strconv.AppendUint(b, uint64(r.role), 10)
		b = append(b, `", "name": `...)
		b = append(b, names[r.role]...)
		b = append(b, '}')
	}
	return append(b, '}')
}

// quotedNames are the names of all roles that deals may have, as JSON.
func quotedNames(p *picklist) map[id]json.RawMessage {
	names := make(map[id]json.RawMessage, len(p.roles)+len(p.deleted))
	for _, r := range p.deleted {
		names[r.id] = text(r.name)
	}
	for _, r := range p.roles {
		names[r.id] = text(r.name)
	}
	return names
}

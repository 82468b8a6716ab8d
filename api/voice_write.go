package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

// VoiceWrite is a contact as a write sends it.
type VoiceWrite struct {
	Fields map[string]string // by VoiceFields
	// StatusID and StatusName are contact_status; without both the write sends none.
	StatusID   string
	StatusName string
}

// CreateVoiceContact creates a contact. first_name and mobile are mandatory. The ID of the outcome is the id that Voice
// gave. If the contact is refused or the call fails the error is an *Error, which the outcome has too. The call needs
// the scope zohovoice.contacts.CREATE.
//
// It is never sent again once it may have been applied: if its answer is lost the *Error is Uncertain. The list
// then shows whether the contact was created.
//
// Zoho Voice, Create a contact.
func (c *Client) CreateVoiceContact(ctx context.Context, v VoiceWrite) (Outcome, error) {
	return c.voice.writeContact(ctx, request{method: http.MethodPost, path: pathVoice, creates: true}, "", v)
}

// UpdateVoiceContact changes a contact. Voice does not say whether the fields that v lacks stay: send all. It is sent
// again when its answer is lost. The call needs the scope zohovoice.contacts.UPDATE. Errors are those of
// CreateVoiceContact.
//
// Zoho Voice, Update a contact record.
func (c *Client) UpdateVoiceContact(ctx context.Context, id string, v VoiceWrite) (Outcome, error) {
	path, err := pathOf(pathVoiceOne, id)
	return c.voice.writeContact(ctx, request{method: http.MethodPut, path: path, invalid: err}, id, v)
}

// DeleteVoiceContact deletes a contact. It is sent again when its answer is lost: if the *Error is Uncertain, a refusal
// may mean that an earlier attempt deleted the contact. The call needs the scope zohovoice.contacts.DELETE. Errors are
// those of CreateVoiceContact.
//
// Zoho Voice, Delete a contact.
func (c *Client) DeleteVoiceContact(ctx context.Context, id string) (Outcome, error) {
	path, err := pathOf(pathVoiceOne, id)
	return c.voice.outcome(ctx, request{method: http.MethodDelete, path: path, invalid: err}, id)
}

// outcome makes a write and returns what became of its contact. id is empty for a new one.
func (v *voice) outcome(ctx context.Context, q request, id string) (Outcome, error) {
	q.due = dueVoiceContacts
	r, k, failed := v.do(ctx, q)
	if failed != nil {
		o := Outcome{ID: id, Err: failed, Known: !failed.Uncertain}
		o.Answer = Answer{
			HTTP: failed.HTTP, Code: failed.Code, Message: failed.Message, Details: failed.Details,
			Attempts: failed.Attempts, Uncertain: failed.Uncertain,
		}
		return o, failed
	}
	o := Outcome{ID: id, Answer: Answer{HTTP: r.status, Attempts: k.sent, Uncertain: k.uncertain}, Known: true}
	if r.voice != nil {
		o.Answer = k.answer(r.status, r.voice.refusalText)
	}
	about, err := decodeVoiceContacts(r.list)
	switch {
	case id == "" && len(about) == 1 && about[0].ID != "":
		o.ID = about[0].ID
	case id != "" && err == nil && (len(about) == 0 || len(about) == 1 && (about[0].ID == "" || about[0].ID == id)):
	default:
		o.Known, o.Answer.Uncertain = false, true
		o.Err = k.unreadable(r, errors.Join(errors.New("the answer does not say what became of this contact"), err))
		o.Err.Uncertain = true
		return o, o.Err
	}
	return o, nil
}

// writeContact sends a contact. If Voice does not see the parameter, it sends the parameter the other way.
func (v *voice) writeContact(ctx context.Context, q request, id string, w VoiceWrite) (Outcome, error) {
	contact, err := w.encode()
	if err != nil && q.invalid == nil {
		q.invalid = err
	}
	way, sure := v.way.now()
	o, failed := v.outcome(ctx, carry(q, contact, way), id)
	if !lacksContact(o.Err) || sure {
		if failed == nil {
			v.way.prove(way)
		}
		return o, failed
	}
	// Voice refused the call because it saw no contact. So nothing was applied, and the call may be sent otherwise.
	other, failed := v.outcome(ctx, carry(q, contact, way.other()), id)
	if lacksContact(other.Err) {
		return o, o.Err
	}
	other.Answer.Attempts += o.Answer.Attempts
	if other.Err != nil {
		other.Err.Attempts += o.Err.Attempts
	}
	if failed == nil {
		v.way.prove(way.other())
	}
	return other, failed
}

// encode returns the JSON of the contact. Keys are sorted.
func (w VoiceWrite) encode() (string, error) {
	contact := make(map[string]any, len(w.Fields)+1)
	for name, value := range w.Fields {
		contact[name] = value
	}
	status := map[string]string{}
	if w.StatusID != "" {
		status["id"] = w.StatusID
	}
	if w.StatusName != "" {
		status["display_value"] = w.StatusName
	}
	if len(status) > 0 {
		contact["contact_status"] = status
	}
	b, err := json.Marshal(contact)
	return string(b), err
}

// VoiceWay is how the parameter "contact" of a write travels. Zoho's pages name the parameter and do not say where it
// stands (Zoho Voice, Create a contact).
type VoiceWay string

// The ways.
const (
	VoiceForm  VoiceWay = "form"  // in a form body
	VoiceQuery VoiceWay = "query" // in the URL
)

func (w VoiceWay) other() VoiceWay {
	if w == VoiceQuery {
		return VoiceForm
	}
	return VoiceQuery
}

// carry puts the parameter into a request.
func carry(q request, contact string, w VoiceWay) request {
	encoded := url.Values{"contact": {contact}}.Encode()
	if w == VoiceQuery {
		q.query = encoded
	} else {
		q.body, q.form = []byte(encoded), true
	}
	return q
}

// way is what a client knows of it.
type way struct {
	guess  atomic.Pointer[VoiceWay]
	proven atomic.Pointer[VoiceWay]
}

// now returns the way to send, and whether it has worked in this process.
func (w *way) now() (VoiceWay, bool) {
	if p := w.proven.Load(); p != nil {
		return *p, true
	}
	if g := w.guess.Load(); g != nil {
		return *g, false
	}
	return VoiceForm, false
}

func (w *way) prove(way VoiceWay) {
	if p := w.proven.Load(); p == nil || *p != way {
		w.proven.Store(&way)
	}
}

// VoiceWay returns how the parameter of a write travels; "" until a write worked.
func (c *Client) VoiceWay() VoiceWay {
	if p := c.voice.way.proven.Load(); p != nil {
		return *p
	}
	return ""
}

// ExpectVoiceWay sets the way that the client tries first, as an earlier process found it. It ignores any other value.
func (c *Client) ExpectVoiceWay(way VoiceWay) {
	if way == VoiceForm || way == VoiceQuery {
		c.voice.way.guess.Store(&way)
	}
}

// lacksContact reports whether Voice refused a write because it saw no parameter "contact". The code of that refusal is
// not documented, so lacksContact looks for words in code and message. A wrong result does no harm: Voice did not apply
// the refused call, and it refuses the other way too.
func lacksContact(e *Error) bool {
	if e == nil || e.Uncertain || e.Ends != EndNone || e.Code == "" || e.HTTP == http.StatusNotFound {
		return false
	}
	said := strings.ToLower(e.Message)
	if code := strings.ToLower(e.Code); strings.Contains(code, "param") || strings.Contains(code, "occur") {
		said += " " + code
	} else if !strings.Contains(said, "contact") && !strings.Contains(said, "param") {
		return false
	}
	for _, word := range []string{"missing", "mandatory", "required", "occur", "not found", "empty", "null", "param"} {
		if strings.Contains(said, word) {
			return true
		}
	}
	return false
}

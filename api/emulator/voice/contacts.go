package voice

import (
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

type object = map[string]any

// fields are the texts of a contact. Zoho Voice, Create a contact.
func fields() []string {
	return []string{
		"first_name", "last_name", "email", "mobile", "mobile1", "mobile2", "mobile3",
		"phone", "phone1", "phone2", "phone3", "company", "address", "state", "country", "is_favourite", "is_spam",
	}
}

// shown returns what lists and single answers have in common.
func shown(c org.VoiceContact) object {
	o := object{}
	for _, name := range fields() {
		o[name] = c.Fields[name]
	}
	return o
}

// listed returns a contact as lists show it: ids are strings, and the owner is an object.
func listed(c org.VoiceContact) object {
	o := shown(c)
	o["contact_id"] = c.ID.String()
	o["contact_owner"] = object{"display_value": org.UserName(), "id": org.UserID}
	return o
}

// single returns a contact as single answers show it: ids are numbers. What "number" holds is not documented: here it
// is all numbers of the contact.
func single(c org.VoiceContact) object {
	o := shown(c)
	o["contact_id"] = json.Number(c.ID.String())
	o["contact_owner"] = json.Number(org.UserID)
	o["created_time"] = c.Created
	numbers := []string{}
	for _, name := range fields()[3:11] {
		if n := c.Fields[name]; n != "" {
			numbers = append(numbers, n)
		}
	}
	o["number"] = numbers
	return o
}

// succeed answers with the contacts and the code "200", a string.
func succeed(contacts any, meta ...any) (wire.Answer, error) {
	o := object{"code": "200", "contacts": contacts, "status": "SUCCESS"}
	if len(meta) > 0 {
		o["meta"] = meta[0]
	}
	return wire.OK(o)
}

func (a *API) statuses(*wire.Call) (wire.Answer, error) {
	return wire.OK(object{"code": "200", "contact_status": org.VoiceStatuses(), "status": "SUCCESS"})
}

// mostPerPage is the most contacts of a page. Zoho Voice, Get all contacts. The default is not documented.
const mostPerPage = 50

func (a *API) list(c *wire.Call) (wire.Answer, error) {
	from, size, count := 0, mostPerPage, false
	query := c.Query()
	var err error
	for name := range query {
		value := query.Get(name)
		switch name {
		case "from":
			from, err = strconv.Atoi(value)
		case "size":
			size, err = strconv.Atoi(value)
		case "totalCount":
			count, err = strconv.ParseBool(value)
		default:
			return wire.Answer{}, refuse("4002", "Unknown parameter "+name)
		}
		if err != nil || from < 0 || size < 1 || size > mostPerPage {
			return wire.Answer{}, refuse("4003", "Invalid value of the parameter "+name)
		}
	}
	page := []object{}
	for _, contact := range a.book.Page(from, size) {
		page = append(page, listed(contact))
	}
	total := -1
	if count {
		total = a.book.Len()
	}
	return succeed(page, object{"total": total})
}

func (a *API) get(c *wire.Call) (wire.Answer, error) {
	n, _ := org.ParseID(c.IDs[0])
	contact, exists := a.book.Get(n)
	if !exists {
		return wire.Answer{}, unknownContact()
	}
	return succeed(single(contact))
}

// create creates a contact. Contacts may be equal: Zoho does not document what happens if two have the same mobile.
func (a *API) create(c *wire.Call) (wire.Answer, error) {
	w, err := a.read(c, true)
	if err != nil {
		return wire.Answer{}, err
	}
	contact, err := a.book.Add(org.VoiceContact{
		Created: a.Now().UnixMilli(), Status: w.status, Fields: w.fields,
	})
	if err != nil {
		return wire.Answer{}, err
	}
	return succeed(single(contact))
}

// update keeps the status if the call names none. No answer shows the status, so a client cannot send it back.
func (a *API) update(c *wire.Call) (wire.Answer, error) {
	n, _ := org.ParseID(c.IDs[0])
	if _, exists := a.book.Get(n); !exists {
		return wire.Answer{}, unknownContact()
	}
	w, err := a.read(c, a.Put == "replace")
	if err != nil {
		return wire.Answer{}, err
	}
	contact, exists, err := a.book.Edit(n, func(contact *org.VoiceContact) {
		if a.Put == "replace" {
			contact.Fields = map[string]string{}
		}
		maps.Copy(contact.Fields, w.fields)
		if w.status != "" {
			contact.Status = w.status
		}
	})
	switch {
	case err != nil:
		return wire.Answer{}, err
	case !exists:
		return wire.Answer{}, unknownContact()
	}
	return succeed(single(contact))
}

func (a *API) remove(c *wire.Call) (wire.Answer, error) {
	n, _ := org.ParseID(c.IDs[0])
	existed, err := a.book.Remove(n)
	switch {
	case err != nil:
		return wire.Answer{}, err
	case !existed:
		return wire.Answer{}, unknownContact()
	}
	return succeed(c.IDs[0])
}

// written is the contact in a write.
type written struct {
	fields map[string]string
	status string // id
}

// maxForm is the most bytes of a form, far above any contact.
const maxForm = 1 << 20

// parameter returns "contact", from where it may stand.
func (a *API) parameter(c *wire.Call) string {
	var value string
	if a.Contact != "query" && isForm(c.Request) {
		c.Body = http.MaxBytesReader(nil, c.Body, maxForm)
		if c.ParseForm() == nil {
			value = c.PostForm.Get("contact")
		}
	}
	if a.Contact != "form" && value == "" {
		value = c.Query().Get("contact")
	}
	return value
}

func isForm(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/x-www-form-urlencoded"
}

// read reads the contact of a write: JSON as a text. All values are texts.
func (a *API) read(c *wire.Call, whole bool) (w written, err error) {
	text := a.parameter(c)
	if text == "" {
		return w, refuse("4001", "The mandatory parameter contact is missing")
	}
	contact, wrong := wire.Object(json.RawMessage(text), "")
	if wrong != nil {
		return w, refuse("4005", "The contact data is not a JSON object")
	}
	w.fields = make(map[string]string)
	for name, raw := range contact {
		if name == "contact_status" {
			if w.status, err = readStatus(raw); err != nil {
				return w, err
			}
			continue
		}
		value, isText := wire.Unquote(raw)
		if !isText || !slices.Contains(fields(), name) {
			return w, refuse("4006", "Invalid key or value: "+name)
		}
		w.fields[name] = value
	}
	for _, name := range []string{"first_name", "mobile"} {
		if _, sent := contact[name]; (whole || sent) && w.fields[name] == "" {
			return w, refuse("4007", name+" cannot be empty")
		}
	}
	return w, nil
}

// readStatus reads {"id", "display_value"}. One of them is enough, and both must name the same status.
func readStatus(raw json.RawMessage) (string, error) {
	var s org.VoiceStatus
	if json.Unmarshal(raw, &s) == nil {
		for _, known := range org.VoiceStatuses() {
			if (s.ID == known.ID || s.ID == "" && s.Display != "") && (s.Display == known.Display || s.Display == "") {
				return known.ID, nil
			}
		}
	}
	return "", refuse("4008", "Invalid contact_status")
}

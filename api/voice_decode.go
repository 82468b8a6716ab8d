package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"rolecall/api/pace"
)

// voiceAnswer is every answer of Zoho Voice. The code is a string: "200", or an application's code. Only the status
// tells a success from a refusal (Zoho Voice, Create a contact).
type voiceAnswer struct {
	refusalText

	Meta struct {
		Total text `json:"total"`
	} `json:"meta"`
}

// total returns how many contacts there are, or -1 if the answer does not say. Voice counts only on request.
func (a *voiceAnswer) total() int64 {
	if a == nil {
		return -1
	}
	n, err := strconv.ParseInt(string(a.Meta.Total), 10, 64)
	if err != nil {
		return -1
	}
	return max(-1, n)
}

// ok reports whether an answer is a success.
func (a *voiceAnswer) ok() bool { return strings.EqualFold(string(a.Status), "success") }

// decodeVoice decodes an answer of Zoho Voice. It returns a fault for an answer that is not as documented.
func decodeVoice(status int, body []byte, d due) (*reply, *fault) {
	if status == http.StatusNoContent {
		return &reply{status: status}, &fault{answered: true}
	}
	var a voiceAnswer
	var parts map[string]json.RawMessage
	err := json.Unmarshal(body, &parts)
	if err == nil {
		err = json.Unmarshal(body, &a)
	}
	switch {
	case err != nil:
		return nil, classifyUnreadable(status, body, notJSON(err))
	case !a.ok() && a.Code != "":
		return nil, classifyVoice(status, a.refusalText)
	case !a.ok() || status >= http.StatusMultipleChoices || parts[d.name] == nil:
		return nil, classifyUnreadable(status, body, nil)
	}
	return &reply{status: status, list: parts[d.name], voice: &a}, &fault{answered: true}
}

// The limit that Voice's pages name for kinds of calls, and its lock (Zoho Voice, call logs and recordings: "30 calls
// per min, lock period 10 min"). The pages of contacts name none: it holds once an answer names one.
const (
	voicePerMinute = 30
	voiceLock      = 10 * time.Minute
)

// aLock matches a message about such a limit. No page shows its text; these are the words of the pages.
var aLock = regexp.MustCompile(`(?i)\d+ *(api )?(calls|requests)? *(per|/|a) *min|\block(ed)?[ -](period|for)\b`)

func namesLock(message string) bool { return aLock.MatchString(message) }

// classifyVoice makes the fault of a refusal of Voice's. Its pages list no codes of contacts and show no 401, so the
// HTTP status decides, and the codes that Zoho's other services share.
func classifyVoice(status int, r refusalText) *fault {
	f := &fault{kind: kindRow, answered: true, refusal: r}
	switch {
	case namesLock(string(r.Message)):
		f.kind, f.lock = kindThrottle, pace.Lock{For: voiceLock, PerMinute: voicePerMinute}
	case isThrottle(status, string(r.Code)):
		f.kind = kindThrottle
	case strings.Contains(string(r.Code), "SCOPE"):
		f.kind = kindSignIn
	case status == http.StatusUnauthorized, r.Code == codeInvalidToken:
		f.kind = kindToken
	case isServerFault(status, string(r.Code)):
		f.kind, f.lost = kindTransient, true
	case refusesAll(status, r):
		f.kind = kindRefused
	}
	return f
}

// decodeVoiceContacts decodes contacts: an object of one, an array, or a bare id. "" and null are none.
func decodeVoiceContacts(raw json.RawMessage) ([]VoiceContact, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return nil, nil
	}
	switch raw[0] {
	case '[':
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, notJSON(err)
		}
		contacts := make([]VoiceContact, len(list))
		for i, one := range list {
			var err error
			if contacts[i], err = decodeVoiceContact(one); err != nil {
				return nil, fmt.Errorf("contact %d: %w", i+1, err)
			}
		}
		return contacts, nil
	case '{':
		one, err := decodeVoiceContact(raw)
		return []VoiceContact{one}, err
	}
	var id voiceID
	if err := json.Unmarshal(raw, &id); err != nil || id == "" {
		return nil, err
	}
	return []VoiceContact{{ID: string(id)}}, nil
}

// decodeVoiceContact decodes one contact. A single answer has numbers where a list has strings and objects.
func decodeVoiceContact(raw json.RawMessage) (VoiceContact, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return VoiceContact{}, notJSON(err)
	}
	var known struct {
		ID      voiceID `json:"contact_id"`
		Owner   voiceID `json:"contact_owner"`
		Created text    `json:"created_time"`
		Numbers []text  `json:"number"`
	}
	if err := json.Unmarshal(raw, &known); err != nil {
		return VoiceContact{}, notJSON(err)
	}
	c := VoiceContact{ID: string(known.ID), Owner: string(known.Owner), Created: string(known.Created)}
	for _, n := range known.Numbers {
		c.Numbers = append(c.Numbers, string(n))
	}
	c.Fields = map[string]string{}
	for _, name := range VoiceFields() {
		value, err := voiceText(fields[name])
		if err != nil {
			return VoiceContact{}, fmt.Errorf("%s is %w", name, err)
		}
		c.Fields[name] = value
	}
	return c, nil
}

// voiceText reads the value of a field. Zoho's samples have strings, also for booleans. voiceText accepts true and
// false too.
func voiceText(raw json.RawMessage) (string, error) {
	switch string(raw) {
	case "":
		return "", nil
	case "true", "false":
		return string(raw), nil
	}
	var t text
	err := json.Unmarshal(raw, &t)
	return string(t), err
}

// voiceID is an id: a number or a string, or an object that has it. It never passes through a float.
type voiceID string

// UnmarshalJSON implements [json.Unmarshaler].
func (v *voiceID) UnmarshalJSON(b []byte) error {
	var id text
	if len(b) > 0 && b[0] == '{' {
		var o struct {
			ID text `json:"id"`
		}
		if err := json.Unmarshal(b, &o); err != nil {
			return err
		}
		id = o.ID
	} else if err := json.Unmarshal(b, &id); err != nil {
		return err
	}
	if id != "" && len(b) > 0 && b[0] != '"' && b[0] != '{' && !isDigits(string(id)) {
		return errors.New("an id that is not digits") // 3.15e14 has lost digits already
	}
	*v = voiceID(id)
	return nil
}

func decodeVoiceStatuses(r *reply) ([]VoiceStatus, error) {
	if r.list == nil {
		return nil, nil
	}
	var list []struct {
		ID   text `json:"id"`
		Name text `json:"display_value"`
	}
	if err := json.Unmarshal(r.list, &list); err != nil {
		return nil, notJSON(err)
	}
	statuses := make([]VoiceStatus, len(list))
	for i, s := range list {
		if s.ID == "" {
			return nil, fmt.Errorf("status %d has no id", i+1)
		}
		statuses[i] = VoiceStatus{ID: string(s.ID), Name: string(s.Name)}
	}
	return statuses, nil
}

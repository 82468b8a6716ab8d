package api

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// matchResults pairs the results of a batch with the contacts asked for: by
// details.id, then by the index in details.json_path. Zoho's samples keep the
// order of the request and no document promises it, so the position alone
// decides nothing.
func matchResults(contacts []string, items []refusalText) []*refusalText {
	if len(contacts) == 1 && len(items) == 1 && (!items[0].ok() || !namesAnother(items[0].Details, contacts[0])) {
		// One asked, one answered: there is nothing to mix up. Only a success of
		// another record is none; the id in a refusal may be the role's.
		return []*refusalText{&items[0]}
	}
	position := make(map[string]int, len(contacts))
	for i, c := range contacts {
		position[c] = i
	}
	matched := make([]*refusalText, len(contacts))
	twice := make([]bool, len(contacts))
	for i := range items {
		at, ok := placeOf(items[i], position)
		if !ok {
			continue
		}
		twice[at] = matched[at] != nil
		matched[at] = &items[i]
	}
	for i := range matched {
		if twice[i] {
			matched[i] = nil // two results for one contact: neither is to be believed
		}
	}
	return matched
}

// namesAnother tells a result of some other record than the one asked for.
func namesAnother(raw json.RawMessage, contact string) bool {
	var details struct {
		ID text `json:"id"`
	}
	return len(raw) > 0 && json.Unmarshal(raw, &details) == nil && details.ID != "" && string(details.ID) != contact
}

// placeOf finds the contact that a result names. The success of a record that
// was not asked for is nobody's, whatever its path; the id in a refusal may be
// the role's.
func placeOf(item refusalText, position map[string]int) (int, bool) {
	if len(item.Details) == 0 {
		return 0, false
	}
	var details struct {
		ID   text `json:"id"`
		Path text `json:"json_path"`
	}
	if json.Unmarshal(item.Details, &details) != nil {
		return 0, false
	}
	if at, ok := position[string(details.ID)]; ok {
		return at, true
	}
	if item.ok() && details.ID != "" {
		return 0, false
	}
	at, ok := pathIndex(string(details.Path))
	return at, ok && at < len(position)
}

// pathIndex takes 3 from "$.data[3].Contact_Role.id".
func pathIndex(path string) (int, bool) {
	rest, ok := strings.CutPrefix(path, "$.data[")
	if !ok {
		return 0, false
	}
	digits, _, ok := strings.Cut(rest, "]")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	return int(n), err == nil
}

// errUnnamed is the cause of an outcome that the answer does not tell.
var errUnnamed = errors.New("the answer does not name this contact")

// outcomes gives each contact of a batch what became of it, in the order asked.
func (k *call) outcomes(contacts []string, r *reply) []Outcome {
	matched := matchResults(contacts, r.items)
	out := make([]Outcome, len(contacts))
	for i, item := range matched {
		o := Outcome{Contact: contacts[i], Known: item != nil}
		switch {
		case item == nil:
			o.Answer = Answer{HTTP: r.status, Attempts: k.sent, Uncertain: true}
			o.Err = &Error{HTTP: r.status, Attempts: k.sent, Uncertain: true, Err: errUnnamed}
		case item.ok():
			o.Answer = k.answer(r.status, *item)
		default:
			o.Answer = k.answer(r.status, *item)
			o.Err = k.refused(r.status, *item)
			if isThrottle(0, string(item.Code)) || isServerFault(0, string(item.Code)) {
				o.Err.Uncertain = true // no record's own refusal: what was done is not said
			}
		}
		out[i] = o
	}
	return out
}

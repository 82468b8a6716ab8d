package api

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// batch is what one call asks for, as the results of its answer name it: by
// details.id and by the index in details.json_path.
type batch struct {
	key string   // of the list in the body, and so in a path: "data"
	ids []string // in the order asked; no id twice
	// pathFirst: the id in a refusal may be that of another of the same kind, so
	// that its path is the better name.
	pathFirst bool
}

// The lists that a call may carry.
const (
	keyData  = "data"
	keyRoles = "contact_roles"
)

// resultDetails are what a result's details say of whom it is about.
type resultDetails struct {
	ID   text `json:"id"`
	Path text `json:"json_path"`
}

// details reads whom a result is about; empty where it does not say.
func (r refusalText) details() resultDetails {
	var d resultDetails
	if len(r.Details) == 0 || json.Unmarshal(r.Details, &d) != nil {
		return resultDetails{}
	}
	return d
}

// match pairs the results of a batch with what was asked for. Zoho's samples
// keep the order of the request and no document promises it, so the position
// alone decides nothing.
func (b *batch) match(items []refusalText) []*refusalText {
	if len(b.ids) == 1 && len(items) == 1 && (!items[0].ok() || !namesAnother(items[0], b.ids[0])) {
		// One asked, one answered: there is nothing to mix up. Only a success of
		// another record is none; the id in a refusal may be another's.
		return []*refusalText{&items[0]}
	}
	position := make(map[string]int, len(b.ids))
	for i, id := range b.ids {
		position[id] = i
	}
	matched := make([]*refusalText, len(b.ids))
	twice := make([]bool, len(b.ids))
	for i := range items {
		at, ok := b.place(items[i], position)
		if !ok {
			continue
		}
		twice[at] = matched[at] != nil
		matched[at] = &items[i]
	}
	for i := range matched {
		if twice[i] {
			matched[i] = nil // two results for one: neither is to be believed
		}
	}
	return matched
}

// namesAnother tells a result of some other record than the one asked for.
func namesAnother(item refusalText, id string) bool {
	named := string(item.details().ID)
	return named != "" && named != id
}

// place finds what a result is about. The success of a record that was not
// asked for is nobody's, whatever its path; the id in a refusal may be
// another's.
func (b *batch) place(item refusalText, position map[string]int) (int, bool) {
	details := item.details()
	byPath, hasPath := pathIndex(b.key, string(details.Path))
	hasPath = hasPath && byPath < len(b.ids)
	if b.pathFirst && hasPath && !item.ok() {
		return byPath, true
	}
	if at, ok := position[string(details.ID)]; ok {
		return at, true
	}
	if item.ok() && details.ID != "" {
		return 0, false
	}
	return byPath, hasPath
}

// pathIndex takes 3 from "$.data[3].Contact_Role.id", of the list data.
func pathIndex(key, path string) (int, bool) {
	rest, ok := strings.CutPrefix(path, "$."+key+"[")
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

// Why an outcome is not known.
var (
	errUnnamed     = errors.New("the answer does not name this contact")
	errUnnamedRole = errors.New("the answer does not tell this role's result")
)

// outcomes gives each contact of a batch what became of it, in the order asked.
func (k *call) outcomes(contacts []string, r *reply) []Outcome {
	b := batch{key: keyData, ids: contacts}
	out := make([]Outcome, len(contacts))
	for i, item := range b.match(r.items) {
		o := Outcome{Contact: contacts[i], Known: item != nil}
		o.Answer, o.Err = k.settle(r.status, item, errUnnamed)
		out[i] = o
	}
	return out
}

// settle says what a result comes to; nil is none, for the reason given.
func (k *call) settle(status int, item *refusalText, unnamed error) (Answer, *Error) {
	switch {
	case item == nil:
		return Answer{HTTP: status, Attempts: k.sent, Uncertain: true},
			&Error{HTTP: status, Attempts: k.sent, Uncertain: true, Err: unnamed}
	case item.ok():
		return k.answer(status, *item), nil
	}
	e := k.refused(status, *item)
	if isThrottle(0, string(item.Code)) || isServerFault(0, string(item.Code)) {
		e.Uncertain = true // no record's own refusal: what was done is not said
	}
	return k.answer(status, *item), e
}

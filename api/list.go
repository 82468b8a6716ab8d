package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// list describes the items of a resource in the body of a call and in its answer.
type list struct {
	name string // of the list, and so in details.json_path: "data"
	item string // one of the items, in messages: "contact"
	most int    // items in one call
	// pathFirst: the id in a refusal may be that of another item, so that its path is the better name.
	pathFirst bool
	// ordered: Zoho documents that the results keep the order of the items.
	ordered bool
}

var (
	// Zoho CRM API v6, Remove Contact Role from a Specific Deal; Zoho's OpenAPI v8 for the collection PUT.
	dealContacts = list{name: "data", item: "contact", most: 100}
	// Zoho CRM API v7, Insert and Update Contact Roles; v8, Delete Contact Roles. The id in a refusal may be that of
	// the role which has the name already.
	pickedRoles = list{name: "contact_roles", item: "role", most: 100, pathFirst: true}
	// Zoho CRM API v8, Get Records.
	moduleRecords = list{name: "data", item: "record", most: 100}
)

// checkSize refuses a call with no items, or too many.
func (l list) checkSize(n int) error {
	switch {
	case n == 0:
		return fmt.Errorf("no %s given", l.item)
	case n > l.most:
		return fmt.Errorf("%d %ss in one call; Zoho takes at most %d", n, l.item, l.most)
	}
	return nil
}

// check refuses ids that the answer could not tell apart.
func (l list) check(ids []string) error {
	if err := l.checkSize(len(ids)); err != nil {
		return err
	}
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			return fmt.Errorf("%s %s is twice in one call", l.item, id)
		}
		seen[id] = true
	}
	return nil
}

// query returns the parameter ids of a query. Commas between ids stay as they are, as in Zoho's samples.
func (l list) query(ids []string) (string, error) {
	if err := l.check(ids); err != nil {
		return "", err
	}
	escaped := make([]string, len(ids))
	for i, id := range ids {
		if id == "" || strings.Contains(id, ",") {
			return "", fmt.Errorf("%q is not an id", id)
		}
		escaped[i] = url.QueryEscape(id)
	}
	return "ids=" + strings.Join(escaped, ","), nil
}

// resultDetails is the part of a result's details that names its item.
type resultDetails struct {
	ID   text `json:"id"`
	Path text `json:"json_path"`
}

// details returns what a result says about its item; empty if it says nothing. A result with several errors names its
// item in each of them (zoho/crm-oas for v8, Insert Records: MULTIPLE_OR_MULTI_ERRORS).
func (r *refusalText) details() resultDetails {
	if r.about == nil {
		r.about = new(readDetails(r.Details)) // once: it is asked for several times
	}
	return *r.about
}

func readDetails(raw json.RawMessage) resultDetails {
	var d struct {
		resultDetails

		Errors []struct {
			Details resultDetails `json:"details"`
		} `json:"errors"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &d) != nil {
		return resultDetails{}
	}
	if d.Path == "" && len(d.Errors) > 0 {
		d.Path = d.Errors[0].Details.Path
	}
	return d.resultDetails
}

// match pairs the results of an answer with the items that were asked for, by details.id, then by the index in
// details.json_path. A position alone pairs nothing: Zoho's samples keep the order of the request, but no document
// promises it. If two results name one item, neither can be trusted, and the item has no result.
//
// asked holds the id of each item, or only empty ids if the call creates them. The results of a creation name items
// otherwise: a refusal by its path, a success only by the new id. The results that name no item go to the items that
// are left, in order, as in all of Zoho's samples. This needs as many results as items, and tellsApart must be true. A
// list whose order Zoho documents needs no tellsApart if a result that names its item stands at its position, or if
// Zoho refuses all. A result that stands elsewhere than its item disproves the order. inOrder reports whether each
// result of a creation can be that of the item at its position.
func (l list) match(asked []string, results []refusalText) (matched []*refusalText, inOrder bool) {
	creates := asked[0] == ""
	if len(asked) == 1 && len(results) == 1 && isOfOnly(&results[0], asked[0]) {
		return []*refusalText{&results[0]}, false
	}
	position := make(map[string]int, len(asked))
	for i, id := range asked {
		position[id] = i
	}
	matched = make([]*refusalText, len(asked))
	twice := make([]bool, len(asked))
	complete := len(results) == len(asked)
	shown, moved := false, false // whether results that name their items stand at their positions, and elsewhere
	var rest []*refusalText
	for i := range results {
		at, ok := l.find(&results[i], position, creates)
		switch {
		case !ok:
			rest = append(rest, &results[i])
		case at >= len(asked):
			complete = false
		default:
			twice[at] = twice[at] || matched[at] != nil
			complete = complete && !twice[at]
			shown, moved = shown || at == i, moved || at != i
			matched[at] = &results[i]
		}
	}
	distinct := creates && distinctIDs(results)
	inOrder = complete && distinct && (!l.ordered || !moved)
	refusedAll := !slices.ContainsFunc(results, refusalText.ok)
	ordered := l.ordered && !moved && (shown || refusedAll)
	fill := complete && (creates && tellsApart(rest) || ordered && (creates || noneOK(rest)))
	for i := range matched {
		switch {
		case twice[i]:
			matched[i] = nil
		case matched[i] == nil && fill:
			matched[i], rest = rest[0], rest[1:]
		}
		if creates && !distinct && matched[i] != nil && matched[i].ok() {
			matched[i] = nil
		}
	}
	return matched, inOrder
}

// isOfOnly reports whether the only result is that of the only item, whatever the result names. A success must have the
// id that was asked for, or none. A new item has no id yet: the rules for several items find its result.
func isOfOnly(result *refusalText, asked string) bool {
	if !result.ok() {
		return true // the id in a refusal may be that of another item
	}
	id := string(result.details().ID)
	return asked != "" && (id == "" || id == asked)
}

// find returns the index of the item that a result names. A success with an id that was not asked for belongs to no
// item, whatever its path says.
func (l list) find(result *refusalText, position map[string]int, creates bool) (at int, ok bool) {
	details := result.details()
	byPath, hasPath := pathIndex(l.name, string(details.Path))
	if creates {
		return byPath, hasPath
	}
	hasPath = hasPath && byPath < len(position)
	if l.ordered && result.Code == codeDuplicate {
		return byPath, hasPath // the id is that of another record
	}
	if l.pathFirst && hasPath && !result.ok() {
		return byPath, true
	}
	if at, ok := position[string(details.ID)]; ok {
		return at, true
	}
	if result.ok() && details.ID != "" {
		return 0, false
	}
	return byPath, hasPath
}

// pathIndex takes 3 from "$.data[3].Contact_Role.id", for the list data.
func pathIndex(name, path string) (int, bool) {
	rest, ok := strings.CutPrefix(path, "$."+name+"[")
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

// tellsApart reports whether results that name no item can go to the items in order: all are successes, or all are
// refusals with the same text.
func tellsApart(results []*refusalText) bool {
	for _, r := range results {
		first := results[0]
		same := r.Code == first.Code && r.Message == first.Message && bytes.Equal(r.Details, first.Details)
		if r.ok() != first.ok() || !r.ok() && !same {
			return false
		}
	}
	return true
}

func noneOK(results []*refusalText) bool {
	return !slices.ContainsFunc(results, func(r *refusalText) bool { return r.ok() })
}

// distinctIDs reports whether every success has an id, and no two the same.
func distinctIDs(results []refusalText) bool {
	seen := make(map[text]bool, len(results))
	for i := range results {
		if !results[i].ok() {
			continue
		}
		id := results[i].details().ID
		if id == "" || seen[id] {
			return false
		}
		seen[id] = true
	}
	return true
}

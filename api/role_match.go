package api

import "bytes"

// roleOutcomes gives each role of an update or a deletion what became of it, in
// the order asked. The id in a refusal may be another role's: that of the one
// which has the name already.
func (k *call) roleOutcomes(ids []string, r *reply) []RoleOutcome {
	b := batch{key: keyRoles, ids: ids, pathFirst: true}
	out := make([]RoleOutcome, len(ids))
	for i, item := range b.match(r.items) {
		out[i].ID, out[i].Known = b.ids[i], item != nil
		out[i].Answer, out[i].Err = k.settle(r.status, item, errUnnamedRole)
	}
	return out
}

// createdOutcomes does the same for roles that had no id to be named by.
func (k *call) createdOutcomes(n int, r *reply) []RoleOutcome {
	out := make([]RoleOutcome, n)
	matched, byPlace := matchCreated(n, r.items)
	for i, item := range matched {
		out[i].Known = item != nil
		out[i].Answer, out[i].Err = k.settle(r.status, item, errUnnamedRole)
		switch {
		case item != nil && item.ok():
			out[i].ID = string(item.details().ID)
		case item == nil && byPlace && r.items[i].ok():
			out[i].ID, out[i].Answer = string(r.items[i].details().ID), k.answer(r.status, r.items[i])
		}
	}
	return out
}

// matchCreated pairs the results of a creation with the roles asked for. A
// refusal names its role by its path. A success names only the id that it gave:
// the successes are what is left, in order, as in all of Zoho's samples, if
// there are as many results as roles and nothing else is left beside them.
// byPlace says that each result may well be that of the role at its place.
func matchCreated(n int, items []refusalText) (matched []*refusalText, byPlace bool) {
	if n == 1 && len(items) == 1 && !items[0].ok() {
		return []*refusalText{&items[0]}, false // one asked, one refused, whatever it names
	}
	matched = make([]*refusalText, n)
	twice := make([]bool, n)
	var left []*refusalText
	sound := len(items) == n
	for i := range items {
		at, ok := pathIndex(keyRoles, string(items[i].details().Path))
		switch {
		case !ok:
			left = append(left, &items[i])
		case at >= n:
			sound = false
		default:
			if matched[at] != nil {
				twice[at], sound = true, false
			}
			matched[at] = &items[i]
		}
	}
	created := distinctIDs(items)
	byPlace = sound && created
	sound = sound && tellsApart(left)
	for i := range matched {
		switch {
		case twice[i]:
			matched[i] = nil
		case matched[i] == nil && sound:
			matched[i], left = left[0], left[1:]
		}
		if matched[i] != nil && matched[i].ok() && !created {
			matched[i] = nil
		}
	}
	return matched, byPlace
}

// tellsApart reports that it is clear which of the results that name no role is
// whose: they are successes, taken in order, or refusals that all say the same.
func tellsApart(left []*refusalText) bool {
	for _, item := range left {
		first := left[0]
		if item.ok() != first.ok() || !item.ok() && !item.says(first) {
			return false
		}
	}
	return true
}

// says reports that two refusals are the same, word for word.
func (r *refusalText) says(other *refusalText) bool {
	return r.Code == other.Code && r.Message == other.Message && bytes.Equal(r.Details, other.Details)
}

// distinctIDs reports that every success has an id, and no two the same.
func distinctIDs(items []refusalText) bool {
	seen := make(map[text]bool, len(items))
	for _, item := range items {
		if !item.ok() {
			continue
		}
		id := item.details().ID
		if id == "" || seen[id] {
			return false
		}
		seen[id] = true
	}
	return true
}

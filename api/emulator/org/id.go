// Package org is the state of the emulated org: its modules and their records, users, who plays which role, and the
// role picklist.
//
// A [Store] begins with a [Seed] or with a generated org. Generated records are computed, so a million deals need no
// memory. Only the changes that calls make are stored. A state file keeps the org between processes: each change is in
// the file before its call is answered.
package org

import (
	"cmp"
	"fmt"
	"strconv"
)

// An ID is a Zoho record id. It is decimal digits, and a string in JSON. Here it is an integer, because an org may have
// millions of them. 0 is no id.
type ID uint64

// maxIDDigits is the longest id in Zoho's OpenAPI files (pattern ^[0-9]+$, maxLength 19 or 20).
const maxIDDigits = 20

// ParseID reads an id as Zoho prints it: digits only, no leading zero.
func ParseID(s string) (ID, bool) {
	if s == "" || len(s) > maxIDDigits || s[0] < '1' || s[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return ID(n), err == nil
}

// ParseIDs reads ids. A malformed id becomes 0, which no record has.
func ParseIDs(list []string) []ID {
	ids := make([]ID, len(list))
	for i, s := range list {
		ids[i], _ = ParseID(s)
	}
	return ids
}

// String returns the id as Zoho prints it.
func (n ID) String() string { return strconv.FormatUint(uint64(n), 10) }

// MarshalText makes an id a string in JSON, also as a key.
func (n ID) MarshalText() ([]byte, error) { return strconv.AppendUint(nil, uint64(n), 10), nil }

// UnmarshalText accepts what ParseID accepts.
func (n *ID) UnmarshalText(b []byte) error {
	id, ok := ParseID(string(b))
	if !ok {
		return badID(string(b))
	}
	*n = id
	return nil
}

func badID(s string) error {
	return fmt.Errorf("%q is no record id: an id is 1 to 20 digits without a leading zero", s)
}

// A Relation is a contact's role on a deal.
type Relation struct{ Contact, Role ID }

// ByContact compares a relation with a contact, for a binary search in a deal's relations.
func ByContact(r Relation, contact ID) int { return cmp.Compare(r.Contact, contact) }

// A Deletion is a deleted record.
type Deletion struct {
	ID ID    `json:"id"`
	At int64 `json:"time"` // Unix time
	// Purged means that somebody deleted the record from the recycle bin, for good.
	Purged bool `json:"purged,omitempty"`
}

func byDeleted(d Deletion, n ID) int { return cmp.Compare(d.ID, n) }

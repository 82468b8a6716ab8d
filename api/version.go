package api

import (
	"fmt"
	"slices"
	"strings"
)

// Version is a version of Zoho's CRM API. The zero value is the newest known, v8.
type Version int

// In the order of Zoho's version menu.
const (
	v2 Version = iota + 1
	v21
	v3
	v4
	v5
	v6
	v7
	v8
)

func versionNames() []string {
	return []string{"v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8"}
}

// ParseVersion reads "v8". The error of an unknown version lists the known ones.
func ParseVersion(name string) (Version, error) {
	names := versionNames()
	i := slices.Index(names, strings.ToLower(strings.TrimSpace(name)))
	if i < 0 {
		return 0, fmt.Errorf("unknown API version %q; want one of %s", name, strings.Join(names, ", "))
	}
	return Version(i + 1), nil
}

// String returns the version as it is in a URL: "v8".
func (v Version) String() string {
	names := versionNames()
	if v == 0 {
		v = v8
	}
	if v < v2 || v > v8 {
		return fmt.Sprintf("Version(%d)", int(v))
	}
	return names[v-1]
}

// rolesAreNames reports whether a write sends only the name of a role. Zoho CRM API v3, Add Contact Roles to a Specific
// Deal: a string; v4 and later: an object.
func (v Version) rolesAreNames() bool { return v <= v3 }

// NamesRoles reports whether Zoho sends a deal's contact role with its id and its name, as it does from v4 on. Before,
// the role is one text, an id or a name (Zoho CRM API v3 and v4, Get Contact Roles of a Specific Deal).
func (v Version) NamesRoles() bool { return v == 0 || !v.rolesAreNames() }

// HasCollection reports whether the version has the collection PUT of a deal's contact roles. Only Zoho's OpenAPI file
// for v8.0 shows this call.
func (v Version) HasCollection() bool { return v == 0 || v == v8 }

// HasRestore reports whether deleted records can be restored: only Zoho's pages and files for v8 have it (Zoho CRM API
// v8, Restore Records from Recycle Bin).
func (v Version) HasRestore() bool { return v == 0 || v == v8 }

// HasComposite reports whether the version has composite requests (Zoho CRM API v3, Composite API).
func (v Version) HasComposite() bool { return v == 0 || v >= v3 }

// HasPageTokens reports whether Records goes beyond the 2,000th record by tokens (Zoho CRM API v3, Get Records).
func (v Version) HasPageTokens() bool { return v == 0 || v >= v3 }

// HasSearchIn reports whether a condition of a search may have several values: the pages for v2 have only equals and
// starts_with (Zoho CRM API v2, Search Records).
func (v Version) HasSearchIn() bool { return v == 0 || v >= v3 }

// MostInQuery returns how many values an "in" or "not in" may list in a COQL query: 100 from v7 on, 50 before (Kaizen
// #183, COQL API's Enhancements in Zoho CRM API Version 7).
func (v Version) MostInQuery() int {
	if v == 0 || v >= v7 {
		return 100
	}
	return 50
}

// NamesLookups reports whether a COQL query that selects a lookup gets its name beside its id; before v7 it gets only
// the id (Zoho CRM API v7, Get Records through a COQL Query).
func (v Version) NamesLookups() bool { return v == 0 || v >= v7 }

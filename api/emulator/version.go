package emulator

// A version of the CRM API, ordered: v2 < v2.1 < v3.
type version int

const (
	v2  version = 20
	v21 version = 21
	v3  version = 30
	v4  version = 40
	v7  version = 70
	v8  version = 80
)

// parseVersion reads the path segment after /crm/. The list is the version
// menu of Zoho's developer documentation.
func parseVersion(s string) (version, bool) {
	switch s {
	case "v2":
		return v2, true
	case "v2.1":
		return v21, true
	case "v3":
		return v3, true
	case "v4":
		return v4, true
	case "v5":
		return 50, true
	case "v6":
		return 60, true
	case "v7":
		return v7, true
	case "v8":
		return v8, true
	}
	return 0, false
}

// rolesAreObjects says whether Contact_Role is {"name","id"} (from v4) or a
// bare string: the name when written, the id when read (v2 to v3). Zoho CRM
// API v3 and v4, Add / Get Contact Roles of a Specific Deal.
func (v version) rolesAreObjects() bool { return v >= v4 }

// needsFields says whether reads must name their fields (from v3).
func (v version) needsFields() bool { return v >= v3 }

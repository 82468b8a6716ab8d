package wire

// A Version is a version of the CRM API, times ten.
type Version int

// The versions at which something changes.
const (
	V2  Version = 20
	V21 Version = 21
	V3  Version = 30
	V4  Version = 40
	V7  Version = 70
	V8  Version = 80
)

// versions is the version menu of Zoho's developer documentation.
var versions = map[string]Version{
	"v2": V2, "v2.1": V21, "v3": V3, "v4": V4, "v5": 50, "v6": 60, "v7": V7, "v8": V8,
}

// ParseVersion reads the path segment after /crm/.
func ParseVersion(s string) (Version, bool) {
	v, known := versions[s]
	return v, known
}

// RolesAreObjects reports whether Contact_Role is {"name","id"} (from v4). Before v4 it is a string: the name when
// written, the id when read. Zoho CRM API v3 and v4, Add / Get Contact Roles of a Specific Deal.
func (v Version) RolesAreObjects() bool { return v >= V4 }

// NeedsFields reports whether reads must name their fields (from v3).
func (v Version) NeedsFields() bool { return v >= V3 }

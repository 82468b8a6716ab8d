package rig

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// Refusals of whole requests, as on Zoho's pages.
var (
	BadDeal           = atPath("INVALID_DATA", 1, "the related id given seems to be invalid")
	BadContact        = Failed("INVALID_DATA", `{}`, "the id given seems to be invalid")
	BadRelation       = atPath("INVALID_DATA", 2, "the relation name given seems to be invalid")
	BadModule         = atPath("INVALID_MODULE", 0, "the module name given seems to be invalid")
	UnsupportedModule = atPath("INVALID_MODULE", 0, "The given module is not supported in API")
	BadURL            = Failed("INVALID_URL_PATTERN", `{}`, "Please check if the URL trying to access is a correct one")
	BadMethod         = Failed("INVALID_REQUEST_METHOD", `{}`, "The http request method type is not a valid one")
	NoFields          = Failed(
		"REQUIRED_PARAM_MISSING",
		`{"param_name":"fields"}`,
		"One of the expected parameter is missing",
	)
	Unparsable = Failed("UNABLE_TO_PARSE_DATA_TYPE", `{}`,
		"either the request body or parameters is in wrong format")
	TooMany = Failed("TOO_MANY_REQUESTS", `{}`,
		"You have made too many requests continuously. Please try again after some time.")
)

func atPath(code string, index int, message string) string {
	return Failed(code, fmt.Sprintf(`{"resource_path_index":%d}`, index), message)
}

// Failed returns a failed item, or the refusal of a whole request.
func Failed(code, details, message string) string {
	return `{"code":"` + code + `","details":` + details + `,"message":"` + message + `","status":"error"}`
}

// Done returns a successful item.
func Done(id, message string) string {
	return `{"code":"SUCCESS","details":{"id":"` + id + `"},"message":"` + message + `","status":"success"}`
}

// Data returns items in {"data":[...]}.
func Data(items ...string) string { return `{"data":[` + strings.Join(items, ",") + `]}` }

// RolesOf returns the path of a deal's contact roles.
func RolesOf(deal string) string { return "v8/Deals/" + deal + "/Contact_Roles" }

// ByID returns the body of a single PUT with the role's id.
func ByID(role string) string { return `{"data":[{"Contact_Role":{"id":"` + role + `"}}]}` }

// Upsert returns an item of the collection PUT.
func Upsert(contact, role string) string {
	return `{"id":"` + contact + `","Contact_Role":{"id":"` + role + `"}}`
}

// Relation returns the result of a contact that was added, updated or removed.
func Relation(contact, message string) string { return Done(contact, "relation "+message) }

// Deleted returns the result of a deleted deal.
func Deleted(deal string) string { return Done(deal, "record deleted") }

// Listed returns a page of related records.
func Listed(perPage, page, count int, more bool, rows ...string) string {
	return fmt.Sprintf(`{"data":[%s],"info":{"per_page":%d,"count":%d,"page":%d,"more_records":%t,
		"next_page_token":null,"previous_page_token":null,"page_token_expiry":null}}`,
		strings.Join(rows, ","), perPage, count, page, more)
}

// Roles is the path of the role picklist.
const Roles = "v8/Contacts/roles"

// RoleItems returns items in {"contact_roles":[...]}.
func RoleItems(items ...string) string { return `{"contact_roles":[` + strings.Join(items, ",") + `]}` }

// RoleDone returns the result of a role.
func RoleDone(id, message string) string { return Done(id, message) }

// PicklistOf lists roles in order. Each is "name id".
func PicklistOf(names ...string) string {
	var list []string
	for i, name := range names {
		cut := strings.LastIndex(name, " ")
		list = append(list, fmt.Sprintf(`{"sequence_number":%d,"name":%q,"id":%q}`, i+1, name[:cut], name[cut+1:]))
	}
	return RoleItems(list...)
}

// Selecting returns the body of a query, without its "select".
func Selecting(rest string) string { return `{"select_query":` + Quote("select "+rest) + `}` }

// QueryRows returns the answer to a query.
func QueryRows(more bool, rows ...string) string {
	return fmt.Sprintf(`{"data":[%s],"info":{"count":%d,"more_records":%t}}`, strings.Join(rows, ","), len(rows), more)
}

// Quote encodes a string as JSON.
func Quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// IDsOf returns the ids of the rows of an answer.
func IDsOf(t *testing.T, answer string) []string {
	t.Helper()
	var parsed struct{ Data []struct{ ID string } }
	if answer == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(answer), &parsed); err != nil {
		t.Fatalf("%v in %s", err, answer)
	}
	var ids []string
	for _, row := range parsed.Data {
		ids = append(ids, row.ID)
	}
	return ids
}

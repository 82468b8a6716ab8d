package api

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"

	"rolecall/api/auth"
	"rolecall/api/auth/private"
)

func flat(code, details string) string {
	return fmt.Sprintf(`{"code":%q,"details":%s,"message":"m","status":"error"}`, code, details)
}

func inData(code, details string) string { return `{"data":[` + flat(code, details) + `]}` }

// The kinds of all refusals that Zoho's documents have for contact roles, and of all statuses of its Status Codes page.
func TestClassifyRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   kind
	}{
		// Add, Get and Remove Contact Roles of a Specific Deal.
		{"bad deal id", 400, flat("INVALID_DATA", `{"resource_path_index":1}`), kindRow},
		{"bad contact id, flat", 400, flat("INVALID_DATA", `{}`), kindRow},
		{"relation name", 400, flat("INVALID_DATA", `{"resource_path_index":2}`), kindRefused},
		{"relation name, index as text", 400, flat("INVALID_DATA", `{"resource_path_index":"2"}`), kindRefused},
		{"module name", 400, flat("INVALID_MODULE", `{"resource_path_index":0}`), kindRefused},
		{"module, as invalid data", 400, flat("INVALID_DATA", `{"resource_path_index":0}`), kindRefused},
		{"missing fields", 400, flat("REQUIRED_PARAM_MISSING", `{"param_name":"fields"}`), kindRow},
		{"no right", 403, flat("NO_PERMISSION", `{"permissions":["Crm_Implied_View_Potentials"]}`), kindRow},
		{"user rights", 400, flat("AUTHORIZATION_FAILED", `{}`), kindRow},
		{"scope", 401, flat("OAUTH_SCOPE_MISMATCH", `{}`), kindSignIn},
		{"url", 404, flat("INVALID_URL_PATTERN", `{}`), kindRefused},
		{"method", 400, flat("INVALID_REQUEST_METHOD", `{}`), kindRefused},
		{"server", 500, flat("INTERNAL_ERROR", `{}`), kindTransient},
		{"too many ids", 400, flat("LIMIT_EXCEEDED", `{"limit":"100","param_name":"ids"}`), kindRow},
		{"missing role", 400, flat("EXPECTED_FIELD_MISSING", `{"expected_fields":[]}`), kindRow},
		{"details are null", 400, flat("INVALID_DATA", `null`), kindRow},
		{"details are a text", 400, flat("INVALID_DATA", `"x"`), kindRow},
		{"no details", 400, `{"code":"INVALID_DATA","message":"m","status":"error"}`, kindRow},
		// Status Codes.
		{"unknown code", 400, flat("SOMETHING_NEW", `{}`), kindRow},
		{"token", 401, flat("INVALID_TOKEN", `{}`), kindToken},
		{"authentication", 401, flat("AUTHENTICATION_FAILURE", `{}`), kindSignIn},
		{"any other 401", 401, flat("UNAUTHORIZED", `{}`), kindSignIn},
		{"not supported", 403, flat("NOT_SUPPORTED", `{}`), kindRow},
		{"resource", 404, flat("RESOURCE_NOT_FOUND", `{}`), kindRow},
		{"405", 405, flat("METHOD_NOT_ALLOWED", `{}`), kindRefused},
		{"405, a page", 405, `<html>`, kindRefused},
		{"408", 408, flat("REQUEST_TIMEOUT", `{}`), kindTransient},
		{"408, nothing", 408, ``, kindTransient},
		{"412", 412, flat("ALREADY_MODIFIED", `{}`), kindRow},
		{"413", 413, flat("REQUEST_ENTITY_TOO_LARGE", `{}`), kindRow},
		{"413, a page", 413, `<html>`, kindRow},
		{"415, a page", 415, `<html>`, kindRow},
		{"429", 429, flat("TOO_MANY_REQUESTS", `{}`), kindThrottle},
		{"429, other code", 429, flat("RATE_LIMIT_EXCEEDED", `{}`), kindThrottle},
		{"429, a page", 429, `<html>`, kindThrottle},
		{"429, nothing", 429, ``, kindThrottle},
		{"429 in items", 429, inData("TOO_MANY_REQUESTS", `{}`), kindThrottle},
		{"limit with another status", 400, flat("TOO_MANY_REQUESTS", `{}`), kindThrottle},
		{"the other server error", 500, flat("INTERNAL_SERVER_ERROR", `{}`), kindTransient},
		{"500 in items", 500, inData("INTERNAL_ERROR", `{}`), kindTransient},
		{"502", 502, `<html>Bad Gateway</html>`, kindTransient},
		{"503", 503, flat("SERVICE_UNAVAILABLE", `{}`), kindTransient},
		{"504, nothing", 504, ``, kindTransient},
		{"version has no such call", 400, flat("API_NOT_SUPPORTED", `{}`), kindRefused},
		// Get Records, Record Count in a Module, Get Records through a COQL Query.
		{"page beyond 2,000", 400, flat("DISCRETE_PAGINATION_LIMIT_EXCEEDED", `{}`), kindRow},
		{"page beyond 100,000", 400, flat("PAGINATION_LIMIT_EXCEEDED", `{}`), kindRow},
		{"token of another", 400, flat("TOKEN_BOUND_DATA_MISMATCH", `{}`), kindRow},
		{"token too old", 400, flat("EXPIRED_VALUE", `{}`), kindRow},
		{"both", 400, flat("AMBIGUITY_DURING_PROCESSING", `{}`), kindRow},
		{"syntax", 400, flat("SYNTAX_ERROR", `{"clause":"where"}`), kindRow},
		{"query", 400, flat("INVALID_QUERY", `{"column_name":"x"}`), kindRow},
		{"limit", 400, flat("LIMIT_EXCEEDED", `{}`), kindRow},
		{"columns, documented as unauthorised", 401, flat("DUPLICATE_DATA", `{}`), kindRow},
		// An error in a success.
		{"200 with an error", 200, flat("INVALID_DATA", `{}`), kindRow},
		{"404, a page", 404, `<html>`, kindTransient},
		{"401, a page", 401, `<html>`, kindToken},
		{"JSON that is not Zoho's", 400, `{"error":"x"}`, kindTransient},
	} {
		for _, d := range []due{dueResults, dueRoleResults, dueData, dueRoles, dueOrg, dueCount} {
			if r, f := decode(c.status, []byte(c.body), d); r != nil || f.kind != c.want {
				t.Errorf("%s, due %v: kind %d, want %d; reply %+v", c.name, d, f.kind, c.want, r)
			}
		}
	}
}

// Refusals of items: a write has an outcome for each, a read is refused.
func TestClassifyItems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		body   string
	}{
		{
			"unknown role", 400,
			inData("INVALID_DATA", `{"api_name":"Contact_Role","json_path":"$.data[0].Contact_Role.id"}`),
		},
		{"no role", 400, inData("MANDATORY_NOT_FOUND", `{"api_name":"Contact_Role"}`)},
		{"not on the deal", 400, inData("MANDATORY_NOT_FOUND", `{"id":"1"}`)},
		{"already removed", 400, inData("INVALID_DATA", `{"id":"1"}`)},
		{"mixed", 207, inData("INVALID_DATA", `{"id":"1"}`)},
		{"in a success", 200, inData("INVALID_DATA", `{"id":"1"}`)},
		{"locked", 200, inData("RECORD_LOCKED", `{}`)},
	} {
		r, f := decode(c.status, []byte(c.body), dueResults)
		if f.kind != kindNone || !f.answered || r == nil || len(r.items) != 1 || r.items[0].ok() {
			t.Errorf("%s: %+v, %+v", c.name, r, f)
		}
	}
	if r, f := decode(400, []byte(`{"contact_roles":[`+flat("INVALID_DATA", `{}`)+`]}`), dueRoles); r != nil ||
		f.kind != kindRow || f.refusal.Code != "INVALID_DATA" {
		t.Errorf("contact_roles[]: %+v, %+v", r, f)
	}
	if r, f := decode(400, []byte(inData("INVALID_DATA", `{}`)), dueData); r != nil || f.kind != kindRow {
		t.Errorf("a read refused in data[]: %+v, %+v", r, f)
	}
}

// An answer that cannot be read is never a success, and does not say what became of the call.
func TestClassifyUnreadable(t *testing.T) {
	t.Parallel()
	whole := `{"data":[{"code":"SUCCESS","details":{"id":"1"},"message":"relation updated","status":"success"}]}`
	bodies := []string{
		"", " ", "null", "true", "0", `"SUCCESS"`, "[]", "{}", "<html></html>", "\x00\xff", `{"data":null}`,
		`{"data":{}}`, `{"data":"x"}`,
		`{"data":[{}]}`, `{"data":[null]}`, `{"data":[1]}`, `{"data":[{"code":{}}]}`, `{"data":[{"code":["SUCCESS"]}]}`,
		`{"code":"SUCCESS"}`, `{"code":true}`, `{"code":{}}`, whole + "x", whole + whole,
	}
	for i := range whole {
		bodies = append(bodies, whole[:i])
	}
	for _, status := range []int{200, 201, 202, 207, 400, 404, 500, 502} {
		for _, body := range bodies {
			r, f := decode(status, []byte(body), dueResults)
			if r != nil || f.kind != kindTransient || f.answered || !f.lost {
				t.Errorf("HTTP %d %q: %+v, %+v", status, body, r, f)
			}
		}
	}
	if r, f := decode(400, []byte(whole), dueResults); r != nil || f.kind != kindTransient {
		t.Errorf("a success with HTTP 400: %+v, %+v", r, f)
	}
	if r, f := decode(204, nil, dueResults); r != nil || f.kind != kindTransient {
		t.Errorf("204 to a write: %+v, %+v", r, f)
	}
	if r, f := decode(204, nil, dueData); r == nil || f.kind != kindNone || !f.answered || r.list != nil {
		t.Errorf("204 to a read: %+v, %+v", r, f)
	}
	if r, f := decode(204, nil, dueOrg); r != nil || f.kind != kindTransient {
		t.Errorf("204 for the org: %+v, %+v", r, f)
	}
	if r, f := decode(200, nil, dueData); r != nil || f.kind != kindTransient {
		t.Errorf("200 and nothing: %+v, %+v", r, f)
	}
}

func TestClassifyTransport(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	for _, c := range []struct {
		name   string
		err    error
		kind   kind
		unsent bool
	}{
		{"connection refused", refused, kindTransient, true},
		{"wrapped", fmt.Errorf("x: %w", refused), kindTransient, true},
		{"proxy", &net.OpError{Op: "proxyconnect", Err: io.EOF}, kindTransient, true},
		{"no such host", &net.DNSError{Err: "no such host"}, kindTransient, true},
		{"reset", &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}, kindTransient, false},
		{"cut", io.ErrUnexpectedEOF, kindTransient, false},
		{"too slow", context.DeadlineExceeded, kindTransient, false},
		{"certificate", &tls.CertificateVerificationError{Err: errors.New("unknown authority")}, kindRefused, true},
	} {
		f := classifyTransport(t.Context(), c.err)
		if f.kind != c.kind || f.unsent != c.unsent || f.lost == c.unsent || !errors.Is(f.err, c.err) {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if f := classifyTransport(ctx, io.EOF); f.kind != kindCancelled || !errors.Is(f.err, context.Canceled) || !f.lost {
		t.Errorf("cancelled: %+v", f)
	}
}

func TestClassifyToken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want kind
	}{
		{&auth.Error{Code: "invalid_code", HTTP: 200}, kindSignIn},
		{&auth.Error{Code: "invalid_client", HTTP: 200}, kindSignIn},
		{&auth.Error{Code: "Access Denied", HTTP: 400}, kindTokenThrottle},
		{&auth.Error{HTTP: 503}, kindTokenServer},
		{&auth.Error{Err: io.EOF}, kindTokenServer},
		{&private.PermissionError{}, kindSignIn},
		{errors.New("keyring locked"), kindSignIn},
	} {
		if f := classifyToken(t.Context(), c.err); f.kind != c.want || !f.unsent || f.lost {
			t.Errorf("%v: %+v", c.err, f)
		}
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"<html>\r\n  <b>Bad\tGateway</b>\x00\x1b[31m</html>", "<html> <b>Bad Gateway</b> [31m</html>"},
		{"caf\xe9", "caf?"},
		{strings.Repeat("x", 1000), strings.Repeat("x", 300)},
		{strings.Repeat("é", 150) + "é", strings.Repeat("é", 150)},
	} {
		if got := printable([]byte(c.in)); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

// No answer causes a panic. Only a whole JSON object that says so is a success.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		"", "{", "null", "<html>", inData("INVALID_DATA", `{"id":1}`),
		flat("TOO_MANY_REQUESTS", `{"retry_after":"60"}`),
		`{"data":[{"code":"SUCCESS","details":{"id":"1"},"status":"success"}]}`,
		`{"data":[{"id":"1","Contact_Role":{"name":"x","id":"2"}}],"info":{"more_records":true}}`,
		`{"contact_roles":[{"sequence_number":1,"name":"Purchasing","id":"4150868000000006875"}]}`,
		`{"contact_roles":[{"code":"DUPLICATE_DATA","details":{"json_path":"$.contact_roles[1].name","id":"1"}},{"code":"SUCCESS","details":{"id":"3"}}]}`,
		`{"data":[{"code":"SUCCESS","details":{"json_path":"$.data[9].x"}}]}`, `{"org":[{"zgid":1}]}`,
		queried, gotten, `{"count":694}`, `{"data":[{"COUNT(id)":57000}]}`,
		`{"data":[{"Contact_Role":11112748204747392,"id":4876876000002095001}]}`,
		modulesSample, fieldsSample, `{"recycle_bin":[{"code":"SCHEDULED","details":{"id":1},"status":"success"}]}`,
		`{"data":[{"code":"MULTIPLE_OR_MULTI_ERRORS","details":{"errors":[{"details":{"json_path":"$.data[1].A"}}]}},
			{"code":"DUPLICATE_DATA","action":{},"duplicate_field":7,"details":{"id":"1"},"status":"error"}]}`,
	} {
		for _, status := range []int{200, 204, 207, 400, 401, 429, 500} {
			f.Add(status, []byte(body), 0)
			f.Add(status, []byte(body), 1)
			f.Add(status, []byte(body), 4)
			f.Add(status, []byte(body), 5)
			f.Add(status, []byte(body), 6)
			f.Add(status, []byte(body), 7)
			f.Add(status, []byte(body), 8)
		}
	}
	f.Fuzz(func(t *testing.T, status int, body []byte, what int) {
		d := []due{dueResults, dueData, dueRoles, dueOrg, dueCount, dueRoleResults, dueModules, dueFields,
			{restoredRecords.name, resultList}}[((what%9)+9)%9]
		r, fault := decode(status, body, d)
		if (r == nil) == (fault.kind == kindNone) {
			t.Fatalf("reply %+v with fault %+v", r, fault)
		}
		if r == nil {
			return
		}
		if status == 204 && d.mayBeEmpty() {
			return
		}
		if !json.Valid(body) || status >= 500 || status == 429 || status == 401 {
			t.Fatalf("HTTP %d %q is a success", status, body)
		}
		k := &call{}
		for _, o := range k.outcomes(dealContacts, []string{"1", "2"}, r) {
			if o.Err == nil && (!o.Known || !strings.Contains(strings.ToUpper(string(body)), "S")) {
				t.Fatalf("%q: %+v", body, o)
			}
		}
		for _, outcomes := range [][]Outcome{
			k.outcomes(pickedRoles, []string{"1", "2"}, r), k.outcomes(pickedRoles, make([]string, 2), r),
			k.outcomes(writtenRecords, []string{"1", "2"}, r), k.outcomes(writtenRecords, make([]string, 2), r),
		} {
			for _, o := range outcomes {
				if o.Known == (o.Err != nil && o.Err.Code == "") || o.Err == nil && o.ID == "" {
					t.Fatalf("%q: %+v", body, o)
				}
			}
		}
		switch d {
		case dueData:
			fuzzRecords(t, r)
		case dueModules:
			modules, err := decodeModules(r)
			if slices.ContainsFunc(modules, func(m Module) bool { return m.APIName == "" }) || err != nil && modules != nil {
				t.Fatalf("%q: %+v, %v", body, modules, err)
			}
		case dueFields:
			fields, err := decodeFields(r)
			if slices.ContainsFunc(fields, func(f Field) bool { return f.APIName == "" }) || err != nil && fields != nil {
				t.Fatalf("%q: %+v, %v", body, fields, err)
			}
		case dueCount:
			if n, ok := parseCount(r.list); n < 0 || n > 0 && !ok {
				t.Fatalf("%q: a count of %d", body, n)
			}
		}
	})
}

// fuzzRecords compares the ways to decode one list. A page is also a list of contacts and of deals, unless a role
// cannot be read. Every record has an id. Several records are no count.
func fuzzRecords(t *testing.T, r *reply) {
	t.Helper()
	page, err := decodePage(r)
	for _, record := range page.Records {
		if _, there := record.Fields["id"]; err != nil || record.ID == "" || there {
			t.Fatalf("%q: %+v, %v", r.list, record, err)
		}
	}
	contacts, err := decodeContacts(r.list)
	deals, dealsErr := decodeContactDeals(r.list)
	if (err == nil) != (dealsErr == nil) || len(contacts) != len(deals) {
		t.Fatalf("%q: %v, %v", r.list, err, dealsErr)
	}
	for i, c := range contacts {
		if c.ID == "" || deals[i].Deal != c.ID || deals[i].Role != c.Role {
			t.Fatalf("%q: %+v, %+v", r.list, c, deals[i])
		}
	}
	if n, err := decodeCount(r.list); n < 0 || n > 0 && (err != nil || len(contacts) > 1) {
		t.Fatalf("%q: a count of %d, %v", r.list, n, err)
	}
}

var (
	dueResults     = due{dealContacts.name, resultList}
	dueRoleResults = due{pickedRoles.name, resultList}
)

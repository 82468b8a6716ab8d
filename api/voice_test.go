package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The samples of Zoho Voice, Contacts API, shortened by fields that are empty.
const (
	voiceOne = `{"code":"200","contacts":{"country":"","created_time":1728037831825,"is_spam":"",` +
		`"mobile":"+12222222222","contact_id":315000153768793,"number":["+12000000000"],` +
		`"contact_owner":415005010526109,"first_name":"test"},"status":"SUCCESS"}`
	voiceList = `{"code":"200","meta":{"total":-1},"contacts":[{"country":"","is_spam":"","mobile":"+15135493562",` +
		`"last_name":"8Foller","contact_id":"347000014281004","phone":"+15135495601",` +
		`"contact_owner":{"display_value":"Vignesh","id":"347000000003015"},"first_name":"Andrej"}],"status":"SUCCESS"}`
	voiceStatuses = `{"code":"200","contact_status":[{"display_value":"Active","id":"1000000000027"},` +
		`{"display_value":"In Active","id":"1000000000029"},{"display_value":"VIP","id":"1000000000031"}],` +
		`"status":"SUCCESS"}`
	voiceError = `{"code":"ZVSMS-4027","message":"Bad Request","status":"ERROR"}`
)

func voiceDeleted(id string) string {
	return `{"code":"200","contacts":"` + id + `","status":"SUCCESS"}`
}

// empty returns the fields of a contact, all empty but these.
func emptyBut(fields map[string]string) map[string]string {
	all := map[string]string{}
	for _, name := range VoiceFields() {
		all[name] = fields[name]
	}
	return all
}

// Each call reads the sample of its page.
func TestVoiceSamples(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	answers := func(body string) *Client { return newClient(t, script(says(200, body)), Config{}) }
	want := VoiceContact{
		ID: "315000153768793", Owner: "415005010526109", Created: "1728037831825", Numbers: []string{"+12000000000"},
		Fields: emptyBut(map[string]string{"mobile": "+12222222222", "first_name": "test"}),
	}
	one, found, err := answers(voiceOne).VoiceContact(ctx, want.ID)
	if diff := cmp.Diff(want, one); err != nil || !found || diff != "" {
		t.Errorf("get: %t %v %s", found, err, diff)
	}
	page, err := answers(voiceList).VoiceContacts(ctx, 0, 50, false)
	listed := VoicePage{Total: -1, Contacts: []VoiceContact{{
		ID: "347000014281004", Owner: "347000000003015",
		Fields: emptyBut(map[string]string{
			"mobile": "+15135493562", "last_name": "8Foller", "phone": "+15135495601", "first_name": "Andrej",
		}),
	}}}
	if diff := cmp.Diff(listed, page); err != nil || diff != "" {
		t.Errorf("list: %v %s", err, diff)
	}
	statuses, err := answers(voiceStatuses).VoiceStatuses(ctx)
	if err != nil || len(statuses) != 3 || statuses[1] != (VoiceStatus{ID: "1000000000029", Name: "In Active"}) {
		t.Errorf("statuses: %+v %v", statuses, err)
	}
	made, err := answers(voiceOne).CreateVoiceContact(ctx, VoiceWrite{})
	if err != nil || made.ID != want.ID || !made.Known || made.Answer.Code != "200" || made.Answer.HTTP != 200 {
		t.Errorf("create: %+v %v", made, err)
	}
	changed, err := answers(voiceOne).UpdateVoiceContact(ctx, want.ID, VoiceWrite{})
	if err != nil || changed.ID != want.ID || !changed.Known {
		t.Errorf("update: %+v %v", changed, err)
	}
	gone, err := answers(voiceDeleted("7")).DeleteVoiceContact(ctx, "7")
	if err != nil || gone.ID != "7" || !gone.Known {
		t.Errorf("delete: %+v %v", gone, err)
	}
	for _, status := range []int{200, 400, 422} {
		c := newClient(t, script(says(status, voiceError)), Config{})
		o, err := c.CreateVoiceContact(ctx, VoiceWrite{})
		e := failure(t, err)
		if e.Code != "ZVSMS-4027" || e.Message != "Bad Request" || e.HTTP != status || e.Uncertain || e.Attempts != 1 ||
			o.Err != e || !o.Known || o.Answer.Code != e.Code || o.Answer.Message != e.Message {
			t.Errorf("error: %#v, %+v", e, o)
		}
	}
}

// The same thing has several shapes.
func TestVoiceShapes(t *testing.T) {
	t.Parallel()
	const past = "9007199254740993" // 2^53+1, which no float is
	for contacts, id := range map[string]string{
		`{"contact_id":` + past + `}`:               past,
		`{"contact_id":"` + past + `"}`:             past,
		`{"contact_id":{"id":` + past + `}}`:        past,
		`{"contact_id":{"id":"7","x":1}}`:           "7",
		`[{"contact_id":18446744073709551615}]`:     "18446744073709551615",
		`"` + past + `"`:                            past,
		past:                                        past,
		`{"contact_id":"7","contact_owner":null}`:   "7",
		`{"contact_id":"7","number":null}`:          "7",
		`{"contact_id":"7","unknown":{"a":[1,2]}}`:  "7",
		`{"contact_id":"7","created_time":"17280"}`: "7",
	} {
		c := newClient(t, script(says(200, `{"code":"200","contacts":`+contacts+`,"status":"SUCCESS"}`)), Config{})
		if o, err := c.CreateVoiceContact(t.Context(), VoiceWrite{}); err != nil || o.ID != id || !o.Known {
			t.Errorf("%s: %+v %v", contacts, o, err)
		}
		if one, found, err := c.VoiceContact(t.Context(), id); err != nil || !found || one.ID != id {
			t.Errorf("%s: %+v %v", contacts, one, err)
		}
	}
	for owner, id := range map[string]string{
		"415005010526109": "415005010526109", `"12"`: "12", `{"display_value":"V","id":"13"}`: "13",
		`{"id":9007199254740993}`: past, "null": "", `""`: "",
	} {
		contacts, err := decodeVoiceContacts([]byte(`[{"contact_id":1,"contact_owner":` + owner + `}]`))
		if err != nil || contacts[0].Owner != id {
			t.Errorf("owner %s: %+v %v", owner, contacts, err)
		}
	}
	for value, text := range map[string]string{
		`""`: "", `"true"`: "true", "true": "true", "false": "false", "null": "", "1": "1",
	} {
		contacts, err := decodeVoiceContacts([]byte(`{"contact_id":1,"is_spam":` + value + `}`))
		if err != nil || contacts[0].Fields["is_spam"] != text {
			t.Errorf("boolean %s: %+v %v", value, contacts, err)
		}
	}
	for meta, total := range map[string]int64{
		`{"total":-1}`: -1, `{"total":7}`: 7, `{"total":"8"}`: 8, `{}`: -1, "null": -1, `{"total":-5}`: -1,
	} {
		body := `{"code":"200","meta":` + meta + `,"contacts":[],"status":"SUCCESS"}`
		page, err := newClient(t, script(says(200, body)), Config{}).VoiceContacts(t.Context(), 0, 1, true)
		if err != nil || page.Total != total || len(page.Contacts) != 0 {
			t.Errorf("meta %s: %+v %v", meta, page, err)
		}
	}
	// A code is a string, and a number would do. Only the status tells a success.
	for body, ok := range map[string]bool{
		`{"code":200,"contacts":"7","status":"SUCCESS"}`:         true,
		`{"code":"ZV-2000","contacts":"7","status":"success"}`:   true,
		`{"code":"200","contacts":"7","status":"ERROR"}`:         false,
		`{"code":"200","message":"no status","contacts":"7"}`:    false,
		`{"code":"200","message":"no contacts","status":"oops"}`: false,
	} {
		_, err := newClient(t, script(says(200, body)), Config{}).DeleteVoiceContact(t.Context(), "7")
		if (err == nil) != ok {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// An answer that contradicts the call is no success: the outcome of a new contact is not known.
func TestVoiceAnswersThatSayNothing(t *testing.T) {
	t.Parallel()
	for _, contacts := range []string{
		`""`, "null", "{}", "[]", `[{"contact_id":1},{"contact_id":2}]`, `{"contact_id":3.15e14}`, `{"contact_id":1.5}`,
		`{"contact_id":true}`, "true",
	} {
		body := `{"code":"200","contacts":` + contacts + `,"status":"SUCCESS"}`
		w := script(says(200, body))
		o, err := newClient(t, w, Config{}).CreateVoiceContact(t.Context(), VoiceWrite{})
		e := failure(t, err)
		if !e.Uncertain || o.Known || o.ID != "" || w.count() != 1 {
			t.Errorf("%s: %+v %v, %d sent", contacts, o, err, w.count())
		}
	}
	c := newClient(t, script(says(200, voiceOne)), Config{})
	if o, err := c.UpdateVoiceContact(t.Context(), "7", VoiceWrite{}); err == nil || o.Known || o.ID != "7" {
		t.Errorf("the answer to an update is about another: %+v %v", o, err)
	}
	if one, found, err := c.VoiceContact(t.Context(), "7"); err == nil || found {
		t.Errorf("the answer to a read is about another: %+v", one)
	}
	noID := `{"code":"200","contacts":[{"first_name":"x"}],"status":"SUCCESS"}`
	nameless := newClient(t, script(says(200, noID)), Config{})
	if page, err := nameless.VoiceContacts(t.Context(), 0, 1, false); err == nil {
		t.Errorf("a contact without id is listed: %+v", page)
	}
	// 204 is not documented: there is nothing.
	none := newClient(t, script(says(204, "")), Config{})
	if _, found, err := none.VoiceContact(t.Context(), "7"); found || err != nil {
		t.Errorf("204: %t %v", found, err)
	}
	page, err := none.VoiceContacts(t.Context(), 0, 1, false)
	if len(page.Contacts) != 0 || page.Total != -1 || err != nil {
		t.Errorf("204: %+v %v", page, err)
	}
	if o, err := none.CreateVoiceContact(t.Context(), VoiceWrite{}); err == nil || o.Known {
		t.Errorf("204 to a create: %+v", o)
	}
}

// The kinds of refusals. Voice's pages have the envelope and no list of codes.
func TestClassifyVoice(t *testing.T) {
	t.Parallel()
	says := func(code, message string) string {
		return `{"code":"` + code + `","message":"` + message + `","status":"ERROR"}`
	}
	for _, c := range []struct {
		status int
		body   string
		want   kind
		lock   bool
	}{
		{200, voiceError, kindRow, false},
		{400, voiceError, kindRow, false},
		{403, says("ZV-1", "no permission"), kindRow, false},
		{404, says("ZV-1", "no such contact"), kindRow, false},
		{401, says("INVALID_TOKEN", "invalid oauth token"), kindToken, false},
		{401, says("ZV-1", "Unauthorized"), kindToken, false},
		{401, `{"error":"invalid"}`, kindToken, false},
		{401, says("INVALID_OAUTHSCOPE", "Invalid OAuth Scope"), kindSignIn, false},
		{401, says("OAUTH_SCOPE_MISMATCH", "Unauthorized"), kindSignIn, false},
		{429, says("ZV-1", "Too many requests"), kindThrottle, false},
		{429, "<html>", kindThrottle, false},
		{400, says("TOO_MANY_REQUESTS", "slow down"), kindThrottle, false},
		{429, says("ZV-1", "30 calls per min exceeded, lock period 10 min"), kindThrottle, true},
		{400, says("ZV-1", "More than 30 requests per minute"), kindThrottle, true},
		{400, says("ZV-1", "Locked for 10 minutes"), kindThrottle, true},
		{400, says("ZV-1", "the account is blocked"), kindRow, false},
		{500, says("ZV-1", "oops"), kindTransient, false},
		{200, says("INTERNAL_ERROR", "oops"), kindTransient, false},
		{404, says("INVALID_URL_PATTERN", "no such URL"), kindRefused, false},
		{200, "<html>", kindTransient, false},
		{200, "", kindTransient, false},
		{502, voiceOne, kindTransient, false},
		{200, `[]`, kindTransient, false},
		{200, `{}`, kindTransient, false},
	} {
		_, f := decodeVoice(c.status, []byte(c.body), dueVoiceContacts)
		if f.kind != c.want || (f.lock.For > 0) != c.lock {
			t.Errorf("%d %s: kind %d, lock %v; want %d", c.status, c.body, f.kind, f.lock, c.want)
		}
	}
}

// A contact that does not exist is refused. With 404 that is no failure of a read.
func TestVoiceContactThatIsNotThere(t *testing.T) {
	t.Parallel()
	for status, isFailure := range map[int]bool{404: false, 400: true, 200: true} {
		c := newClient(t, script(says(status, voiceError)), Config{})
		_, found, err := c.VoiceContact(t.Context(), "7")
		if found || (err != nil) != isFailure {
			t.Errorf("%d: %t %v", status, found, err)
		}
		if _, err := c.DeleteVoiceContact(t.Context(), "7"); VoiceGone(err) == isFailure {
			t.Errorf("%d: gone %t", status, VoiceGone(err))
		}
	}
}

// An invalid call is not sent.
func TestVoiceCallsThatAreNotSent(t *testing.T) {
	t.Parallel()
	w := script(says(200, voiceOne))
	c, ctx := newClient(t, w, Config{}), t.Context()
	for _, size := range []int{0, 51} {
		if _, err := c.VoiceContacts(ctx, 0, size, false); err == nil {
			t.Errorf("size %d", size)
		}
	}
	if _, err := c.VoiceContacts(ctx, -1, 1, false); err == nil {
		t.Error("from -1")
	}
	if _, err := c.DeleteVoiceContact(ctx, ""); err == nil {
		t.Error("no id")
	}
	if _, _, err := c.VoiceContact(ctx, ".."); err == nil {
		t.Error("an id of dots")
	}
	if w.count() != 0 {
		t.Errorf("%d sent", w.count())
	}
}

// A token goes only where it may go, and is not repeated.
func TestVoiceURL(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"http://voice.zoho.com", "voice.zoho.com", "https://u:p@voice.zoho.com", "https://v?x",
	} {
		if _, err := New(Config{BaseURL: "https://www.zohoapis.com", VoiceURL: bad, Tokens: &tokens{}}); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
	var got []string
	w := &world{answer: func(_ int, r *http.Request) (*http.Response, error) {
		got = append(got, r.URL.String(), r.Header.Get("Authorization"), r.Header.Get("Accept"))
		return response(200, voiceList), nil
	}}
	for _, base := range []string{"", "https://voice.zoho.eu", "http://127.0.0.1:1/proxy/"} {
		if _, err := newClient(t, w, Config{VoiceURL: base}).VoiceContacts(t.Context(), 0, 2, true); err != nil {
			t.Error(err)
		}
	}
	const path, token, accept = "/rest/json/zv/contacts?from=0&size=2&totalCount=true", "Zoho-oauthtoken 1000.token-0",
		"application/json"
	if diff := cmp.Diff([]string{
		"https://voice.zoho.com" + path, token, accept, "https://voice.zoho.eu" + path, token, accept,
		"http://127.0.0.1:1/proxy" + path, token, accept,
	}, got); diff != "" {
		t.Error(diff)
	}
	away := script(says(302, "", "Location: https://evil.example/x"))
	_, err := newClient(t, away, Config{}).VoiceStatuses(t.Context())
	if e := failure(t, err); e.Ends != EndRefused || away.count() != 1 || !strings.Contains(e.Message, "evil.example") {
		t.Errorf("redirect: %#v, %d sent", e, away.count())
	}
	told := script(says(400, `{"code":"ZV-1","message":"bad token 1000.token-0","status":"ERROR"}`))
	_, err = newClient(t, told, Config{}).VoiceStatuses(t.Context())
	if e := failure(t, err); strings.Contains(e.Error(), "token-0") {
		t.Errorf("the token is in %v", e)
	}
}

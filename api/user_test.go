package api

import (
	"testing"
	"testing/synctest"
)

// Zoho CRM API v8, Get Users.
func TestCurrentUser(t *testing.T) {
	t.Parallel()
	in := `{"users":[{"id":"4150868000000225013","full_name":"Patricia Boyle","email":"p@example.com","status":"active"}],"info":{"per_page":200,"count":1,"page":1,"more_records":false}}`
	got, err := newClient(t, script(says(200, in)), Config{}).CurrentUser(t.Context())
	if want := (User{ID: "4150868000000225013", Name: "Patricia Boyle", Email: "p@example.com"}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for _, in := range []string{`{"users":[]}`, `{"users":[{}]}`, `{"users":[1]}`, `{"org":[]}`} {
		synctest.Test(t, func(t *testing.T) { // what cannot be understood is asked for again and again
			if _, err := newClient(t, script(says(200, in)), Config{}).CurrentUser(t.Context()); err == nil {
				t.Errorf("%s is a success", in)
			}
		})
	}
}

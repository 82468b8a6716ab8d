package api

import (
	"math"
	"testing"
	"testing/synctest"
)

// Zoho CRM API v8, API Limits.
func TestOrgCredits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		edition     string
		users, want int
	}{
		{"free", 3, 5_000},
		{"standard", 1, 50_250},
		{"Starter", 10, 52_500},
		{"standard", 200, 100_000},
		{"standard", 201, 100_000},
		{"professional", 100, 100_000},
		{"professional", 10_000, 3_000_000},
		{"enterprise", 10, 60_000},
		{"Zoho One", 0, 51_000}, // not known: the least
		{"enterprise", 10_000, 5_000_000},
		{"ultimate", 10_000, 20_050_000},
		{"crm_plus", 1, 52_000},
		{"ultimate", -1, 52_000},
		{"ultimate", math.MaxInt, 2_000_050_000},
		{"bigin", 10, 0},
		{"", 10, 0},
	} {
		if got := (Org{Edition: c.edition}).Credits(c.users); got != c.want {
			t.Errorf("%q with %d users: %d, want %d", c.edition, c.users, got, c.want)
		}
	}
}

// Zoho CRM API v8, Get Users.
func TestCurrentUser(t *testing.T) {
	t.Parallel()
	in := `{"users":[{"id":"4150868000000225013","full_name":"Patricia Boyle","email":"p@example.com","status":"active"}],"info":{"per_page":200,"count":1,"page":1,"more_records":false}}`
	got, err := newClient(t, script(says(200, in)), Config{}).CurrentUser(t.Context())
	if want := (User{ID: "4150868000000225013", Name: "Patricia Boyle", Email: "p@example.com"}); err != nil ||
		got != want {
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

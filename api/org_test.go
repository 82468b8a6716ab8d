package api

import (
	"math"
	"testing"
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

package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"unicode"
)

// Org is the organisation that the token belongs to.
type Org struct {
	ID      string // zgid: the same for all its users and servers
	Name    string
	Edition string // license_details.paid_type, as sent: "enterprise"
}

// Org tells which organisation the client calls. It costs one credit, and needs
// the scope ZohoCRM.org.READ, which a run does not need otherwise: without it
// the error is an *Error that ends in EndSignIn, and the caller may go on.
//
// Zoho CRM API v8, Get Organization Data.
func (c *Client) Org(ctx context.Context) (Org, error) {
	r, k, failed := c.do(ctx, request{method: http.MethodGet, path: "/org", due: dueOrg})
	if failed != nil {
		return Org{}, failed
	}
	var list []struct {
		ID      text `json:"id"`
		ZGID    text `json:"zgid"`
		Name    text `json:"company_name"`
		License struct {
			PaidType text `json:"paid_type"`
		} `json:"license_details"`
	}
	if err := json.Unmarshal(r.list, &list); err != nil {
		return Org{}, k.unreadable(r, notJSON(err))
	}
	if len(list) == 0 || list[0].ZGID == "" && list[0].ID == "" {
		return Org{}, k.unreadable(r, errors.New("no organisation with an id"))
	}
	o := list[0]
	id := o.ZGID
	if id == "" {
		id = o.ID
	}
	return Org{ID: string(id), Name: string(o.Name), Edition: string(o.License.PaidType)}, nil
}

// InFlight is how many calls the edition allows at a time, 0 where it is not
// known (Zoho CRM API v8, API Limits).
func (o Org) InFlight() int {
	letters := strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, o.Edition)
	switch strings.TrimPrefix(letters, "zoho") {
	case "free":
		return 5
	case "standard", "starter":
		return 10
	case "professional":
		return 15
	case "enterprise", "one":
		return 20
	case "ultimate", "crmplus":
		return 25
	}
	return 0
}

package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// Org is the organisation that the token belongs to.
type Org struct {
	ID      string // zgid: the same for all its users and servers
	Name    string
	Edition string // license_details.paid_type, as sent: "enterprise"
	Users   int    // license_details.users_license_purchased; 0: not known
}

// Org returns the organisation that the client calls. It costs one credit, and needs the scope ZohoCRM.org.READ, which
// a run does not need otherwise: without it the error is an *Error that ends in EndSignIn, and the caller may go on.
//
// Zoho CRM API v8, Get Organization Data.
func (c *Client) Org(ctx context.Context) (Org, error) {
	return read(ctx, c, request{method: http.MethodGet, path: "/org", due: dueOrg}, decodeOrg)
}

func decodeOrg(r *reply) (Org, error) {
	var list []struct {
		ID      text `json:"id"`
		ZGID    text `json:"zgid"`
		Name    text `json:"company_name"`
		License struct {
			PaidType text `json:"paid_type"`
			Users    text `json:"users_license_purchased"`
		} `json:"license_details"`
	}
	if err := json.Unmarshal(r.list, &list); err != nil {
		return Org{}, notJSON(err)
	}
	if len(list) == 0 || list[0].ZGID == "" && list[0].ID == "" {
		return Org{}, errors.New("no organisation with an id")
	}
	o := list[0]
	users, err := strconv.Atoi(string(o.License.Users))
	if err != nil || users < 0 {
		users = 0
	}
	return Org{
		ID: string(cmp.Or(o.ZGID, o.ID)), Name: string(o.Name), Edition: string(o.License.PaidType), Users: users,
	}, nil
}

// edition is the limits of one edition (Zoho CRM API v8, API Limits).
type edition struct {
	inFlight int
	base     int // credits in 24 hours
	user     int // credits more for each user
	ceiling  int // at most
}

// edition returns the limits of the org's edition; zero if it is not known. Zoho writes the names in several ways:
// "Zoho One", "crm_plus".
func (o Org) edition() edition {
	letters := strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, o.Edition)
	switch strings.TrimPrefix(letters, "zoho") {
	case "free":
		return edition{inFlight: 5, base: 5_000, ceiling: 5_000}
	case "standard", "starter":
		return edition{inFlight: 10, base: 50_000, user: 250, ceiling: 100_000}
	case "professional":
		return edition{inFlight: 15, base: 50_000, user: 500, ceiling: 3_000_000}
	case "enterprise", "one":
		return edition{inFlight: 20, base: 50_000, user: 1_000, ceiling: 5_000_000}
	case "ultimate", "crmplus":
		return edition{inFlight: 25, base: 50_000, user: 2_000, ceiling: math.MaxInt}
	}
	return edition{}
}

// InFlight returns how many calls the edition allows at a time; 0 if it is not known (Zoho CRM API v8, API Limits).
func (o Org) InFlight() int { return o.edition().inFlight }

// Credits returns how many credits the edition has in 24 hours with that many user licences, or 0 if the edition is not
// known (Zoho CRM API v8, API Limits). Fewer than one user counts as one. The result does not include credits that the
// org bought beside its edition.
func (o Org) Credits(users int) int {
	e := o.edition()
	return min(e.base+min(max(users, 1), mostUsers)*e.user, e.ceiling)
}

// mostUsers bounds the sum, whatever Zoho sent.
const mostUsers = 1_000_000

// User is a user of an org.
type User struct {
	ID    string
	Name  string
	Email string
}

// dueUsers is the answer of Get Users.
var dueUsers = due{"users", listOrNone}

// Users returns a page of the org's users of a kind ("AllUsers", "ActiveUsers", "ActiveConfirmedUsers", ...; empty:
// Zoho's default), from page 1 on. The fields of a user are all keys that Zoho sent. It costs one credit, and needs the
// scope ZohoCRM.users.READ. A refusal or failure is an *Error.
//
// Zoho CRM API v8, Get Users.
func (c *Client) Users(ctx context.Context, kind string, page int) (Page, error) {
	query := "page=" + strconv.Itoa(max(page, 1)) + "&per_page=" + strconv.Itoa(MostPerPage)
	if kind != "" {
		query = "type=" + url.QueryEscape(kind) + "&" + query
	}
	q := request{method: http.MethodGet, path: "/users", query: query, due: dueUsers, paged: true}
	return read(ctx, c, q, decodePage)
}

// CurrentUser returns the user whose sign-in the client calls with. It costs one credit, and needs the scope
// ZohoCRM.users.READ; without it the error is an *Error that ends in EndSignIn, and the caller may go on.
//
// Zoho CRM API v8, Get Users: type=CurrentUser.
func (c *Client) CurrentUser(ctx context.Context) (User, error) {
	q := request{method: http.MethodGet, path: "/users", query: "type=CurrentUser", due: dueUsers}
	return read(ctx, c, q, func(r *reply) (User, error) {
		var list []struct {
			ID       text `json:"id"`
			FullName text `json:"full_name"`
			Email    text `json:"email"`
		}
		if err := json.Unmarshal(r.list, &list); err != nil {
			return User{}, notJSON(err)
		}
		if len(list) == 0 || list[0].ID == "" {
			return User{}, errors.New("no user with an id")
		}
		return User{ID: string(list[0].ID), Name: string(list[0].FullName), Email: string(list[0].Email)}, nil
	})
}

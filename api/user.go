package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// User is a user of an org.
type User struct {
	ID    string
	Name  string
	Email string
}

// CurrentUser returns the user whose sign-in the client calls with. It costs one credit, and needs the scope
// ZohoCRM.users.READ; without it the error is an *Error that ends in EndSignIn, and the caller may go on.
//
// Zoho CRM API v8, Get Users: type=CurrentUser.
func (c *Client) CurrentUser(ctx context.Context) (User, error) {
	q := request{method: http.MethodGet, path: "/users", query: "type=CurrentUser", due: due{"users", listOrNone}}
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

package org

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A User is a user of the org, in a seed as well.
type User struct {
	ID        ID     `json:"id"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name"`
	Email     string `json:"email"`
	Role      string `json:"role,omitempty"`    // its name; "" is CEO
	Profile   string `json:"profile,omitempty"` // its name; "" is Administrator
	Status    string `json:"status,omitempty"`  // active (the default), inactive or deleted
	Confirmed *bool  `json:"confirm,omitempty"` // nil is true
	TimeZone  string `json:"time_zone,omitempty"`
}

// FullName returns first and last name.
func (u *User) FullName() string { return strings.TrimSpace(u.FirstName + " " + u.LastName) }

// CanOwn reports whether records can belong to the user: an active, confirmed one. (inferred)
func (u *User) CanOwn() bool { return u.Status == "active" && *u.Confirmed }

// readUsers checks the users of a seed and puts the one who makes the calls before them.
func readUsers(list []User) ([]User, error) {
	current, _ := ParseID(UserID)
	users := append([]User{{ID: current, FirstName: UserFirst, LastName: UserLast, Email: UserEmail}}, list...)
	for i := range users {
		u := &users[i]
		u.Role, u.Profile = cmp.Or(u.Role, "CEO"), cmp.Or(u.Profile, "Administrator")
		u.Status, u.TimeZone = cmp.Or(u.Status, "active"), cmp.Or(u.TimeZone, "Etc/UTC")
		if u.Confirmed == nil {
			u.Confirmed = new(true)
		}
		if u.ID == 0 || slices.ContainsFunc(users[:i], func(other User) bool { return other.ID == u.ID }) {
			return nil, fmt.Errorf("users: id %q is missing or there twice", u.ID)
		}
	}
	return users, nil
}

// Users returns the users, the one who makes the calls first.
func (r *Records) Users() []User { return r.users }

// UserByID finds a user.
func (r *Records) UserByID(n ID) (User, bool) {
	i := slices.IndexFunc(r.users, func(u User) bool { return u.ID == n })
	if i < 0 {
		return User{}, false
	}
	return r.users[i], true
}

package signin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rolecall/api/auth/whole"
)

// signedIn is a sign-in without its secrets. A file in the state folder keeps it for auth status.
type signedIn struct {
	Fingerprint string    `json:"fingerprint"` // of the refresh token that the other fields are about
	At          time.Time `json:"signed_in"`
	Scopes      []string  `json:"scopes"` // null: Zoho did not say
	OrgID       string    `json:"org_id,omitempty"`
	OrgName     string    `json:"org_name,omitempty"`
	Edition     string    `json:"edition,omitempty"`
	User        string    `json:"user,omitempty"`
	Email       string    `json:"email,omitempty"`

	orgUnread, userUnread error // why the org or the user could not be read, or nil
}

// String returns the org and user of a sign-in.
func (s signedIn) String() string {
	org := "an org that cannot be read"
	if s.OrgID != "" {
		org = fmt.Sprintf("org %s (%s)", s.OrgID, s.OrgName)
	}
	if s.User == "" && s.Email == "" {
		return org
	}
	return strings.TrimSpace(org+", user "+s.User) + " <" + s.Email + ">"
}

// path returns the path of the file of a profile's sign-in.
func (c *Command) path(name string) (string, error) {
	return c.Profiles.StateFile("sign-in", name, ".json")
}

// remember writes the file of a sign-in.
func (c *Command) remember(name string, s signedIn) error {
	path, err := c.path(name)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return whole.WriteFile(path, append(text, '\n'))
}

// recall reads the file of a sign-in. It returns a zero signedIn if the file is missing or is about another refresh
// token.
func (c *Command) recall(name, fingerprint string) (known signedIn) {
	path, err := c.path(name)
	if err != nil {
		return signedIn{}
	}
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &known) != nil || known.Fingerprint != fingerprint {
		return signedIn{}
	}
	return known
}

// forget removes the file of a profile's sign-in.
func (c *Command) forget(name string) error {
	path, err := c.path(name)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

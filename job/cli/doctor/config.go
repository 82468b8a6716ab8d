package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"rolecall/api/auth"
	"rolecall/api/auth/private"
	"rolecall/job/cli/profile"
)

// examineConfig checks the config file, the secrets, and who can read rolecall's files. It returns the place to connect
// to. ok is false if there is none.
func (d *Doctor) examineConfig(ctx context.Context) (here profile.Place, ok bool) {
	configured := d.configFile()
	stored := d.store()
	if !configured {
		d.skip("secrets")
		return here, false
	}
	here, err := d.Profiles.Locate(ctx, d.Name)
	if err != nil {
		d.secretsFailed(err)
		return here, false
	}
	switch {
	case here.Emulated:
		d.ok("secrets", "the emulator needs none")
	case here.Gateway != nil && here.Gateway.Header == "":
		d.ok("secrets", "the gateway signs in, and no header for it is named")
	case here.Gateway != nil:
		d.ok("secrets", "header %s: %s", here.Gateway.Header, here.Profile.HeaderValue)
	case d.Name == "":
		d.ok("secrets", "client secret and refresh token: from the environment")
	default:
		d.ok("secrets", "client secret: %s; refresh token: %s", here.Profile.Secret, here.Profile.Refresh)
	}
	return here, stored
}

// secretsFailed reports why the secrets cannot be read.
func (d *Doctor) secretsFailed(err error) {
	_, open := errors.AsType[*private.PermissionError](err)
	_, lacks := errors.AsType[*profile.SignInError](err)
	secret, unread := errors.AsType[*profile.SecretError](err)
	switch {
	case unread:
		d.fail(d.Trouble(err), "secrets", secret.Problem(), secret.Next())
	case lacks:
		d.fail(SignIn, "secrets", err.Error(), d.login())
	case open:
		d.fail(Configuration, "secrets", err.Error(), "do that; if others may have read it, also "+d.login())
	case d.Name == "":
		d.fail(Configuration, "secrets", err.Error(), "correct the variable")
	default:
		d.fail(d.Trouble(err), "secrets", err.Error(), d.login())
	}
}

// configFile checks the config file and the profile in it.
func (d *Doctor) configFile() bool {
	f, err := d.Profiles.Read()
	if err != nil {
		d.fail(Configuration, "config", err.Error(), "correct the file, or name another by --config")
		return false
	}
	where := f.Path
	if !f.Exists {
		where = "there is no file " + f.Path
	}
	switch d.Name {
	case "":
		d.ok("config", "%s; no profile is named: the connection variables are used", where)
		return true
	case profile.Emulator:
		d.ok("config", "%s; profile emulator: a Zoho inside rolecall", where)
		return true
	}
	used, err := f.Profile(d.Name)
	if err != nil {
		d.fail(Configuration, "config", err.Error(), d.login()+" makes it")
		return false
	}
	here, err := used.Place()
	if err != nil {
		d.fail(Configuration, "config", err.Error(), "correct it in "+f.Path)
		return false
	}
	name := d.Name
	if d.Profiles.Unnamed {
		name += " (no other is named)"
	}
	d.ok("config", "%s: profile %s, %s, %s", where, name, cmp.Or(used.Environment, auth.Production), here.APIURL)
	return true
}

// store checks the state folder: rolecall must be able to write there, and only the owner may read its secrets.
func (d *Doctor) store() bool {
	folder, err := d.Profiles.CheckState()
	if open, ok := errors.AsType[*private.PermissionError](err); ok {
		d.fail(Configuration, "store", open.Error(), open.Command())
		return false
	}
	if err != nil {
		d.fail(Configuration, "store", err.Error(), profile.MendState(err))
		return false
	}
	switch others, err := d.Profiles.OtherReaders(folder); {
	case err != nil:
		d.warn("store", fmt.Sprintf("%s: writable; who can read its secrets cannot be looked up: %v", folder, err),
			"rolecall auth login --keyring keeps the secrets in the system's own store")
	case len(others) > 0:
		d.warn("store", fmt.Sprintf("%s: writable, but its secrets can be read by %s", folder, strings.Join(others, ", ")),
			"rolecall auth login --keyring keeps the secrets in the system's own store; or take the others off the "+
				"folder: "+profile.Private(folder))
	default:
		d.ok("store", "%s: writable, and its secrets are yours alone", folder)
	}
	return true
}

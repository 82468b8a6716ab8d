package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"rolecall/api/auth"
)

// examineConfig looks at what is written down: the config file, where the secrets are, and who can read what rolecall keeps. It gives where to connect; false: nowhere.
func (d *doctor) examineConfig() (place, bool) {
	ok := d.configFile()
	stored := d.store()
	if !ok {
		d.skip("secrets")
		return place{}, false
	}
	here, err := d.locate(d.name)
	_, open := errors.AsType[*modeError](err)
	_, signIn := errors.AsType[*errSignIn](err)
	secret, unread := errors.AsType[*secretError](err)
	switch {
	case err == nil:
	case unread:
		d.fail(exitSignIn, "secrets", secret.problem(), secret.next())
		return here, false
	case signIn:
		d.fail(exitSignIn, "secrets", err.Error(), d.login())
		return here, false
	case open:
		d.fail(exitUsage, "secrets", err.Error(), "run that chmod; if others may have read it, also "+d.login())
		return here, false
	case d.name == "":
		d.fail(exitUsage, "secrets", err.Error(), "set the variable right")
		return here, false
	default:
		d.fail(codeOf(err), "secrets", err.Error(), d.login())
		return here, false
	}
	switch {
	case here.emulated:
		d.ok("secrets", "the emulator needs none")
	case d.name == "":
		d.ok("secrets", "client secret and refresh token: from the environment")
	default:
		d.ok("secrets", "client secret: %s; refresh token: %s", here.profile.secret, here.profile.refresh)
	}
	return here, stored
}

// configFile looks at the config file and at the profile in it.
func (d *doctor) configFile() bool {
	c, err := d.config()
	if err != nil {
		d.fail(exitUsage, "config", err.Error(), "mend the file, or name another by --config")
		return false
	}
	where := c.path
	if !c.there {
		where = "there is no file " + c.path
	}
	switch d.name {
	case "":
		d.ok("config", "%s; no profile is named: the connection variables are used", where)
		return true
	case profileEmulator:
		d.ok("config", "%s; profile emulator: a Zoho inside rolecall", where)
		return true
	}
	used, err := c.profile(d.name)
	if err != nil {
		d.fail(exitUsage, "config", err.Error(), d.login()+" makes it")
		return false
	}
	here, err := used.place()
	if err != nil {
		d.fail(exitUsage, "config", err.Error(), fmt.Sprintf("mend it in %s, line %d", c.path, used.line))
		return false
	}
	name := d.name
	if d.conf.unnamed {
		name += " (no other is named)"
	}
	d.ok("config", "%s: profile %s, %s, %s", where, name, cmp.Or(used.environment, production), here.apiURL)
	return true
}

// store looks at the state folder: it must be there to write to, and what is secret in it its owner's alone.
func (d *doctor) store() bool {
	folder, err := d.stateFolder()
	if err == nil {
		err = tryToWrite(folder)
	}
	for _, name := range []string{tokensFolder, secretsFolder} {
		if err == nil {
			err = checkPrivateTree(filepath.Join(folder, name))
		}
	}
	if open, ok := errors.AsType[*auth.PermissionError](err); ok {
		d.fail(exitUsage, "store", open.Error(), open.Command())
		return false
	}
	if err != nil {
		d.fail(exitUsage, "store", err.Error(), mendState)
		return false
	}
	d.ok("store", "%s: writable, and its secrets are yours alone", folder)
	return true
}

// tryToWrite makes a file in a folder and takes it away again.
func tryToWrite(folder string) error {
	f, err := os.CreateTemp(folder, "doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// checkPrivateTree looks at a folder and what is in it; what is not there is fine.
func checkPrivateTree(folder string) error {
	return filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = auth.CheckPrivate(path)
		}
		if errors.Is(err, fs.ErrNotExist) { // never made, or gone meanwhile, as the files that are being renamed
			return nil
		}
		return err
	})
}

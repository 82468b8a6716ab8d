package profile

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path/filepath"
	"regexp"
	"runtime"
)

// storedNames matches the names that storedName gives profiles of another config file. No name of a profile and no
// secret of Zoho looks like that.
var storedNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*@[0-9a-f]{8}$`)

// storedName returns the name of a profile in the state folder and the keyring. For a config file in another place than
// the platform's own (--config, XDG_CONFIG_HOME), it adds a hash of the file's path, because profiles of several config
// files may have the same name.
func (p *Profiles) storedName(profile string) (string, error) {
	path, err := p.Path()
	if err != nil {
		return profile, err
	}
	own, err := p.platformConfigs()
	if err == nil && realPath(inConfigs(own)) == realPath(path) {
		return profile, nil
	}
	sum := sha256.Sum256([]byte(realPath(path)))
	return profile + "@" + hex.EncodeToString(sum[:4]), nil
}

// StateFile returns the path of a file about a profile, below a folder of the state folder.
func (p *Profiles) StateFile(folder, profile, ending string) (string, error) {
	state, err := p.StateFolder()
	if err != nil {
		return "", err
	}
	name, err := p.storedName(profile)
	return filepath.Join(state, folder, name+ending), err
}

// platformConfigs returns the platform's own folder of config files, whatever XDG_CONFIG_HOME says.
func (p *Profiles) platformConfigs() (string, error) {
	variable, below := "HOME", ".config"
	switch runtime.GOOS {
	case "windows": // services have LocalAppData alone
		if variable, below = "AppData", ""; p.Getenv(variable) == "" {
			variable = "LocalAppData"
		}
	case "darwin":
		below = filepath.Join("Library", "Application Support")
	}
	if base := p.Getenv(variable); filepath.IsAbs(base) {
		return filepath.Join(base, below), nil
	}
	return "", errors.New(variable + " is not set")
}

// inConfigs returns where the config file is in a folder of config files.
func inConfigs(folder string) string { return filepath.Join(folder, "rolecall", "config.yaml") }

// realPath resolves the links of a path, as far as the path exists. So the result is the same before and after the file
// is made.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if folder := filepath.Dir(path); folder != path {
		return filepath.Join(realPath(folder), filepath.Base(path))
	}
	return path
}

package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path/filepath"
	"regexp"
	"runtime"
)

// storedNames are what storedName makes of profiles of another config file: no profile can be called so, and no secret of Zoho's looks so.
var storedNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}@[0-9a-f]{8}$`)

// storedName is what the state folder and the keyring call a profile: its name, and for one of a config file that is not at the platform's own place (--config, XDG_CONFIG_HOME) also what tells
// that from other files, whose profiles may have the same names.
func (p *process) storedName(profile string) (string, error) {
	path, err := p.configPath()
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

// platformConfigs is the platform's own folder of config files, whatever XDG_CONFIG_HOME says.
func (p *process) platformConfigs() (string, error) {
	variable, below := "HOME", ".config"
	switch runtime.GOOS {
	case "windows":
		variable, below = "AppData", ""
	case "darwin":
		below = filepath.Join("Library", "Application Support")
	}
	if base := p.getenv(variable); filepath.IsAbs(base) {
		return filepath.Join(base, below), nil
	}
	return "", errors.New(variable + " is not set")
}

// inConfigs is where the config file is in such a folder.
func inConfigs(folder string) string { return filepath.Join(folder, "rolecall", "config.yaml") }

// realPath is a path without links, as far as it is there: the same before it is made and afterwards.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if folder := filepath.Dir(path); folder != path {
		return filepath.Join(realPath(folder), filepath.Base(path))
	}
	return path
}

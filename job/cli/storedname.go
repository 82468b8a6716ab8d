package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"regexp"
)

// storedNames are what storedName makes of profiles of another config file: no profile can be called so, and no secret of Zoho's looks so.
var storedNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}@[0-9a-f]{8}$`)

// storedName is what the state folder and the keyring call a profile: its name, and for one of a config file that is not the usual one (--config) also what tells that from other files, whose
// profiles may have the same names.
func (p *process) storedName(profile string) (string, error) {
	path, err := p.configPath()
	if err != nil || p.conf.file == "" {
		return profile, err
	}
	if usual, err := p.usualConfigPath(); err == nil && realPath(usual) == realPath(path) {
		return profile, nil
	}
	sum := sha256.Sum256([]byte(realPath(path)))
	return profile + "@" + hex.EncodeToString(sum[:4]), nil
}

// realPath is a path without links, as far as it is there.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(folder, filepath.Base(path))
	}
	return path
}

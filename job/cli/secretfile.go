package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"
)

// secretsFolder keeps the secrets of profiles, below the state folder.
const secretsFolder = "secrets"

// readSecretFile reads a secret from a file that only its owner can read, in a folder where nobody else can exchange it.
func readSecretFile(path string) (string, error) {
	f, err := openRegular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", errors.New("there is no such file")
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if info.IsDir() {
		return "", errors.New("it is a folder: want a file")
	}
	if err := errors.Join(refuseMode(path, info, othersRead, "read", "600"), checkFolders(path)); err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(f, largestSecret+1))
	return string(text), err
}

// storeSecret keeps a secret of a profile: in a 0600 file of the state folder, or in the system's keyring. It returns where, for the profile.
func (p *process) storeSecret(name, kind, value string, keyring bool) (secretSource, error) {
	s, err := p.secretPlace(name, kind, keyring)
	if err == nil {
		value, err = oneLine(value)
	}
	switch {
	case err != nil:
	case keyring:
		err = keepInKeyring(p.ctx, s.account(), value)
	default:
		err = writeSecretFile(s.file, value)
	}
	if err != nil {
		return secretSource{}, &errUsage{fmt.Errorf("keep the %s: %w", s.what(), err)}
	}
	return s, nil
}

// secretPlace is where rolecall keeps a secret of a profile.
func (p *process) secretPlace(name, kind string, keyring bool) (secretSource, error) {
	s := secretSource{profile: name, kind: kind, keyring: keyring}
	if err := checkProfileName(name); err != nil {
		return s, err
	}
	stored, err := p.storedName(name)
	switch {
	case err != nil:
		return s, err
	case keyring && stored != name: // else there is nothing to add to what the profile says
		s.stored = stored
	case !keyring:
		state, err := p.stateFolder()
		if err != nil {
			return s, err
		}
		s.file = filepath.Join(state, secretsFolder, stored+"-"+kind)
	}
	return s, nil
}

// writeSecretFile writes a secret into a file, in a folder that others cannot read.
func writeSecretFile(path, value string) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(folder)
	if err != nil {
		return err
	}
	if err := refuseMode(folder, info, othersRead, "read", "700"); err != nil {
		return err
	}
	return maybe.WriteFile(path, []byte(value+"\n"), 0o600)
}

package profile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"rolecall/api/auth/private"
	"rolecall/api/auth/whole"
	"rolecall/job"
)

// secretsFolder is the folder of the secrets of profiles, in the state folder.
const secretsFolder = "secrets"

// Store stores a secret of a profile in the system's keyring, or else in a file of the state folder, with mode 0600. It
// returns the source.
func (p *Profiles) Store(ctx context.Context, name, kind, value string, keyring bool) (Source, error) {
	s, err := p.StoredAt(name, kind, keyring)
	if err == nil {
		value, err = OneLine(value)
	}
	switch {
	case err != nil:
	case keyring:
		err = putInKeyring(ctx, s.account(), value)
	default:
		err = writeSecretFile(s.File, value)
	}
	if err != nil {
		return Source{}, &job.UsageError{Err: fmt.Errorf("keep the %s: %w", s.What(), err)}
	}
	return s, nil
}

// StoredAt returns the source that Store gives a secret.
func (p *Profiles) StoredAt(name, kind string, keyring bool) (Source, error) {
	s := Source{Profile: name, Kind: kind, Keyring: keyring}
	if err := CheckName(name); err != nil {
		return s, err
	}
	stored, err := p.storedName(name)
	switch {
	case err != nil:
		return s, err
	case keyring && stored != name: // else the source needs no stored name
		s.stored = stored
	case !keyring:
		state, err := p.StateFolder()
		if err != nil {
			return s, err
		}
		s.File = filepath.Join(state, secretsFolder, stored+"-"+kind)
	}
	return s, nil
}

// Replace stores a secret as Store does. restore puts the earlier secret back.
func (p *Profiles) Replace(
	ctx context.Context, name, kind, value string, keyring bool,
) (s Source, restore func() error, err error) {
	s, err = p.StoredAt(name, kind, keyring)
	if err != nil {
		return s, nil, err
	}
	old, unread := p.fetch(ctx, s)
	restore = func() error {
		if unread == nil {
			_, err := p.Store(ctx, name, kind, old, keyring)
			return err
		}
		_, err := p.Drop(ctx, s)
		return err
	}
	_, err = p.Store(ctx, name, kind, value, keyring)
	return s, restore, err
}

// Drop removes a secret that Store stored for this profile. removed is false for any other secret: the user manages
// that secret, or a profile of the same name in another config file may use it.
func (p *Profiles) Drop(ctx context.Context, s Source) (removed bool, err error) {
	own, err := p.StoredAt(s.Profile, s.Kind, s.Keyring)
	if err != nil {
		return false, err
	}
	if s.Keyring {
		if s.account() != own.account() {
			return false, nil
		}
		return true, dropFromKeyring(ctx, s.account())
	}
	if s.File == "" {
		return false, nil
	}
	if path, err := p.besideConfig(s.File); err != nil || path != own.File {
		return false, err
	}
	if err := os.Remove(own.File); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	return true, nil
}

// CheckSecretsFolder checks that the state folder can keep secrets in files.
func (p *Profiles) CheckSecretsFolder() error {
	state, err := p.StateFolder()
	if err != nil {
		return err
	}
	folder := filepath.Join(state, secretsFolder)
	if err := private.Folder(folder); err != nil {
		return err
	}
	return private.CheckWritable(folder)
}

// writeSecretFile writes a secret into a file, in a folder that others cannot read.
func writeSecretFile(path, value string) error {
	if err := private.Folder(filepath.Dir(path)); err != nil {
		return err
	}
	return whole.WriteFile(path, []byte(value+"\n"))
}

package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/zalando/go-keyring"
)

// checkStore looks whether what a sign-in gives can be kept, and be read by the next command: a code is good once.
func (s *signIn) checkStore() error {
	err := s.checkConfig()
	if err == nil && s.inKeyring() {
		err = probeKeyring(s.p.ctx)
	} else if err == nil {
		err = s.p.checkSecretsFolder()
	}
	if err == nil || s.p.ctx.Err() != nil {
		return err
	}
	without := ""
	if s.flags.Keyring {
		without = " (or leave --keyring out)"
	}
	return &errSignIn{fmt.Sprintf("a sign-in could not be kept: %v; mend that, then %s%s", err, s.command(), without)}
}

// inKeyring says whether the secrets are kept in the system's keyring.
func (s *signIn) inKeyring() bool { return s.flags.Keyring || s.before.refresh.keyring }

// checkConfig looks whether the profile can be written into the config file.
func (s *signIn) checkConfig() error {
	if err := writable(filepath.Dir(s.config.path)); err != nil {
		return err
	}
	if err := checkFolders(s.config.path); err != nil {
		return err
	}
	if _, _, err := s.config.with(s.used.name, s.used); err != nil {
		return err
	}
	return s.config.free()
}

// checkSecretsFolder looks whether secrets can be kept in files.
func (p *process) checkSecretsFolder() error {
	state, err := p.stateFolder()
	if err != nil {
		return err
	}
	folder := filepath.Join(state, secretsFolder)
	if err := writable(folder); err != nil {
		return err
	}
	info, err := os.Stat(folder)
	if err != nil {
		return err
	}
	return refuseMode(folder, info, othersRead, "read", "700")
}

// probeKeyring looks whether secrets can be kept in the system's keyring, by one that is none.
func probeKeyring(ctx context.Context) error {
	account, value := "probe-"+rand.Text(), rand.Text()
	_, err := inKeyring(ctx, account, func() (string, error) {
		if err := keyring.Set(keyringService, account, value); err != nil {
			return "", err
		}
		got, err := keyring.Get(keyringService, account)
		if err == nil && got != value {
			err = errors.New("it does not give back what was put there")
		}
		return "", errors.Join(err, keyring.Delete(keyringService, account))
	})
	return err
}

// writable makes a folder if need be, and tries to write there.
func writable(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".rolecall-")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

package signin

import (
	"context"
	"errors"
	"fmt"

	"rolecall/job"
	"rolecall/job/cli/profile"
)

// checkStore checks that the sign-in can be stored and read again. It does this before the code is used, because a code
// works only once.
func (s *login) checkStore(ctx context.Context) error {
	err := s.checkProfile()
	if err == nil && s.inKeyring() {
		err = profile.ProbeKeyring(ctx)
	} else if err == nil {
		err = s.Profiles.CheckSecretsFolder()
	}
	if err == nil || ctx.Err() != nil {
		return err
	}
	without := ""
	if s.flags.Keyring {
		without = " (or leave --keyring out)"
	}
	err = fmt.Errorf("a sign-in could not be kept: %w; fix that, then %s%s", err, s.again(), without)
	if _, ok := errors.AsType[*job.UsageError](err); ok { // the state folder cannot be used
		return &job.UsageError{Err: err}
	}
	return &profile.SignInError{Message: err.Error()}
}

// inKeyring reports whether the secrets are kept in the system's keyring.
func (s *login) inKeyring() bool { return s.flags.Keyring || s.before.Refresh.Keyring }

// checkProfile checks that the profile can be saved with the new sources of its secrets.
func (s *login) checkProfile() (err error) {
	kept := s.used
	if kept.Refresh, err = s.Profiles.StoredAt(kept.Name, profile.RefreshToken, s.inKeyring()); err != nil {
		return err
	}
	if s.newSecret || !kept.Secret.Set() {
		if kept.Secret, err = s.Profiles.StoredAt(kept.Name, profile.ClientSecret, s.inKeyring()); err != nil {
			return err
		}
	}
	return s.file.CheckSave(kept)
}

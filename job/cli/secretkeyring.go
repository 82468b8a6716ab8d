package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zalando/go-keyring"
)

// keyringService is what rolecall's secrets are filed under in the system's keyring.
const keyringService = "rolecall"

// secretPatience is how long a keyring or a command is waited for: a person may have to unlock it.
const secretPatience = time.Minute

// keyringSecret gets a secret from the system's keyring.
func keyringSecret(ctx context.Context, account string) (string, error) {
	return inKeyring(ctx, account, func() (string, error) { return keyring.Get(keyringService, account) })
}

// keepInKeyring puts a secret into the system's keyring.
func keepInKeyring(ctx context.Context, account, value string) error {
	_, err := inKeyring(ctx, account, func() (string, error) { return "", keyring.Set(keyringService, account, value) })
	return err
}

// inKeyring waits for a keyring, which knows no context and may ask a person, no longer than it must.
func inKeyring(ctx context.Context, account string, do func() (string, error)) (string, error) {
	type answer struct {
		value string
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		value, err := do()
		answers <- answer{value, err}
	}()
	ctx, cancel := context.WithTimeout(ctx, secretPatience)
	defer cancel()
	select {
	case <-ctx.Done():
		return "", errors.New("the system's keyring does not answer: unlock it, or keep the secret in a file")
	case a := <-answers:
		switch {
		case errors.Is(a.err, keyring.ErrNotFound):
			return "", fmt.Errorf("the system's keyring has no %s for %s: sign in again", account, keyringService)
		case a.err != nil:
			return "", fmt.Errorf("the system's keyring cannot be used: %w (without one, keep the secret in a file)", a.err)
		}
		return a.value, nil
	}
}

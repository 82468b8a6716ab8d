package profile

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/zalando/go-keyring"
)

// keyringService is the name of rolecall in the system's keyring.
const keyringService = "rolecall"

// secretPatience is how long to wait for a keyring or a command, because a person may have to unlock it.
const secretPatience = time.Minute

// keyringSecret gets a secret from the system's keyring.
func keyringSecret(ctx context.Context, account string) (string, error) {
	return inKeyring(ctx, account, func() (string, error) { return keyring.Get(keyringService, account) })
}

// putInKeyring puts a secret into the system's keyring.
func putInKeyring(ctx context.Context, account, value string) error {
	_, err := inKeyring(ctx, account, func() (string, error) { return "", keyring.Set(keyringService, account, value) })
	return err
}

// dropFromKeyring removes a secret from the system's keyring.
func dropFromKeyring(ctx context.Context, account string) error {
	_, err := inKeyring(ctx, account, func() (string, error) {
		if err := keyring.Delete(keyringService, account); !errors.Is(err, keyring.ErrNotFound) {
			return "", err
		}
		return "", nil
	})
	return err
}

// ProbeKeyring checks that the system's keyring can keep secrets. It uses a random value.
func ProbeKeyring(ctx context.Context) error {
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

// inKeyring makes a call of the keyring, which takes no context and may ask a person. It returns when the context ends,
// or after secretPatience.
func inKeyring(ctx context.Context, account string, do func() (string, error)) (string, error) {
	type result struct {
		value string
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := do()
		done <- result{value, err}
	}()
	ctx, cancel := context.WithTimeout(ctx, secretPatience)
	defer cancel()
	select {
	case <-ctx.Done():
		return "", awayError{errors.New(
			"the system's keyring does not answer: unlock it, or keep the secret in a file")}
	case r := <-done:
		switch {
		case errors.Is(r.err, keyring.ErrNotFound):
			return "", fmt.Errorf("the system's keyring has no %s for %s: sign in again", account, keyringService)
		case r.err != nil:
			return "", awayError{fmt.Errorf(
				"the system's keyring cannot be used: %w (without one, keep the secret in a file)", r.err)}
		}
		return r.value, nil
	}
}

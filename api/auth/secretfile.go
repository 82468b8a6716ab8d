package auth

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2/maybe"
)

// largestSecret is read of a secret's file, in bytes: secrets are short, and a
// wrong file may be long.
const largestSecret = 16 << 10

// ReadSecretFile gives the secret in a file: its text without the spaces and
// line ends around it. A file that others can read is a *PermissionError; one
// that is empty, long or of several lines is an error too. Errors name the
// file and nothing of what is in it.
func ReadSecretFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if info.IsDir() {
		return "", fmt.Errorf("%s is a folder; want a file with one secret", path)
	}
	if err := private(path, info, fileMode); err != nil {
		return "", err
	}
	data, err := io.ReadAll(io.LimitReader(f, largestSecret+1))
	if err != nil {
		return "", err
	}
	secret := strings.TrimSpace(strings.TrimPrefix(string(data), "\ufeff"))
	switch {
	case len(data) > largestSecret:
		return "", fmt.Errorf("%s is longer than any secret; want a file with one secret", path)
	case secret == "":
		return "", fmt.Errorf("%s is empty; want a file with one secret", path)
	case strings.ContainsAny(secret, "\r\n"):
		return "", fmt.Errorf("%s has several lines; want a file with one secret", path)
	}
	return secret, nil
}

// WriteSecretFile keeps a secret in a file of mode 0600, in a folder of mode
// 0700 that is made when it is not there. A folder that others can get at is a
// *PermissionError. A crash leaves the file as it was or as it is to be.
func WriteSecretFile(path, secret string) error {
	if strings.TrimSpace(secret) == "" {
		return errors.New("an empty secret is not kept")
	}
	if err := privateFolder(filepath.Dir(path)); err != nil {
		return err
	}
	return maybe.WriteFile(path, []byte(secret+"\n"), fileMode)
}

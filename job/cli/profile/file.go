package profile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"rolecall/api/auth/private"
	"rolecall/job"
)

// openRegular opens a file or folder, and refuses anything else. Opening a named pipe waits for its writer, and no
// signal ends this wait.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() && !info.IsDir() {
		return nil, errors.New("it is a pipe or a device: want a file")
	}
	return os.Open(path)
}

// CheckFolders refuses a file that others can replace. It checks the folder in the path, and, for a link, the folder of
// the target.
func CheckFolders(path string) error {
	folders := []string{filepath.Dir(path)}
	if real, err := filepath.EvalSymlinks(path); err == nil && filepath.Dir(real) != folders[0] {
		folders = append(folders, filepath.Dir(real))
	}
	for _, folder := range folders {
		info, err := os.Stat(folder)
		if err != nil {
			return err
		}
		check := private.CheckWriter
		if info.Mode()&fs.ModeSticky != 0 { // as in /tmp, where only its owner can exchange another's file
			check = private.CheckOwner
		}
		if err := check(folder, info); err != nil {
			return err
		}
	}
	return nil
}

// ReadSecretFile reads a secret from a file that only its owner can read and replace.
func ReadSecretFile(path string) (string, error) { return readSecretFile(path, private.CheckReader) }

// readSecretFile reads a secret from a file whose mode check accepts, and that only its owner can replace.
func readSecretFile(path string, check func(string, fs.FileInfo) error) (string, error) {
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
	if err := errors.Join(check(path, info), CheckFolders(path)); err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(f, LargestSecret+1))
	return string(text), err
}

// ReadCode reads a code from a file that only its owner can read, or from a pipe, such as the shell's <(...).
func ReadCode(ctx context.Context, path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	text, err := "", error(nil)
	if info, failed := os.Stat(path); failed == nil && info.Mode()&os.ModeNamedPipe != 0 {
		text, err = pipedSecret(ctx, path)
	} else {
		text, err = ReadSecretFile(path)
	}
	if err != nil {
		return "", err
	}
	return OneLine(text)
}

// pipedSecret reads a secret from a pipe, until the context ends.
func pipedSecret(ctx context.Context, path string) (string, error) {
	type result struct {
		text []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		f, err := os.Open(path)
		if err != nil {
			done <- result{err: err}
			return
		}
		defer f.Close()
		text, err := io.ReadAll(io.LimitReader(f, LargestSecret+1))
		done <- result{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", job.EndOf(ctx)
	case r := <-done:
		return string(r.text), r.err
	}
}

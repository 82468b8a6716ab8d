package rundir

import (
	"context"
	"io"
	"os"
)

// OpenInput opens the file at path, or stdin for "-". Reading from stdin or a pipe ends when the context ends. The
// caller calls the returned function to close the input. Its error is a *[UsageError].
func OpenInput(ctx context.Context, path string, stdin io.Reader) (io.Reader, func(), error) {
	if path == "-" {
		return newInterruptible(ctx, stdin), func() {}, nil
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, nil, &UsageError{Err: err}
	case info.IsDir():
		return nil, nil, usagef("%s is a folder: give a file", path)
	case !info.Mode().IsRegular(): // opening and reading a pipe may wait for ever
		return newInterruptible(ctx, &pipe{path: path}), func() {}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, &UsageError{Err: err}
	}
	return f, func() { _ = f.Close() }, nil
}

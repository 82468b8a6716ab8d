package rundir

import (
	"context"
	"io"
	"os"
)

// OpenInput opens what is to be read: the file at path, or stdin for "-". What may stay silent for ever gives up when the context ends. The function it returns closes it.
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
	case !info.Mode().IsRegular(): // a pipe may stay silent for ever, from its opening on
		return newInterruptible(ctx, &pipe{path: path}), func() {}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, &UsageError{Err: err}
	}
	return f, func() { _ = f.Close() }, nil
}

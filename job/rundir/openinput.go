package rundir

import (
	"context"
	"io"
	"os"
)

// OpenInput opens the file at path, or stdin for "-". Reads from stdin or a pipe end when the context ends. Reads from
// a file end with an error if the file changed meanwhile. The caller calls the returned function to close the input.
// The error of OpenInput is a *[UsageError].
func OpenInput(ctx context.Context, path string, stdin io.Reader) (io.Reader, func(), error) {
	if path == "-" {
		if f, ok := stdin.(*os.File); ok && isRegular(f) {
			in, err := newSteady(f)
			if err != nil {
				return nil, nil, err
			}
			stdin = in
		}
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
	in, err := newSteady(f)
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return in, func() { _ = f.Close() }, nil
}

func isRegular(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

// NoInput returns a *[UsageError] if in, which OpenInput returned, is stdin or a pipe. The caller calls NoInput for an
// empty input, because a command before the pipe that fails sends an empty input too.
func NoInput(name string, in io.Reader) error {
	if _, piped := in.(*interruptible); !piped {
		return nil
	}
	return usagef("%s: no input: did the command before it fail?", name)
}

package rundir

import (
	"context"
	"io"
	"os"
)

// interruptible reads a pipe that may stay silent for ever, and gives up when the context ends.
type interruptible struct {
	ctx    context.Context
	chunks <-chan chunk
	rest   []byte
	err    error
}

// chunk is what one read brought.
type chunk struct {
	bytes []byte
	err   error
}

// chunkSize is how much is read at a time.
const chunkSize = 64 << 10

// newInterruptible begins to read r. The goroutine that does it ends with r or with the context; a read that never returns keeps it until the process ends.
func newInterruptible(ctx context.Context, r io.Reader) *interruptible {
	chunks := make(chan chunk)
	go func() {
		for {
			buf := make([]byte, chunkSize)
			n, err := r.Read(buf)
			select {
			case chunks <- chunk{buf[:n], err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return &interruptible{ctx: ctx, chunks: chunks}
}

// Read returns what has come, or the context's error.
func (i *interruptible) Read(p []byte) (int, error) {
	for len(i.rest) == 0 {
		if i.err != nil {
			return 0, i.err
		}
		select {
		case c := <-i.chunks:
			i.rest, i.err = c.bytes, c.err
		case <-i.ctx.Done():
			return 0, context.Cause(i.ctx)
		}
	}
	n := copy(p, i.rest)
	i.rest = i.rest[n:]
	return n, nil
}

// pipe is a named pipe, opened by the first read: opening waits for the other side.
type pipe struct {
	path string
	f    *os.File
}

// Read reads what came through the pipe.
func (p *pipe) Read(b []byte) (n int, err error) {
	if p.f == nil {
		if p.f, err = os.Open(p.path); err != nil {
			return 0, err
		}
	}
	return p.f.Read(b)
}

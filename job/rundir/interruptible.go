package rundir

import (
	"context"
	"io"
	"os"
)

// interruptible reads a pipe whose other side may never write. Its reads end when the context ends.
type interruptible struct {
	ctx    context.Context
	chunks <-chan chunk
	rest   []byte
	err    error
}

// chunk is the result of one read.
type chunk struct {
	bytes []byte
	err   error
}

// chunkSize is the most bytes of one read.
const chunkSize = 64 << 10

// newInterruptible starts a goroutine that reads r. The goroutine ends with r or with the context. If a read never
// returns, it lives until the process ends.
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

// Read returns bytes of r, the error of r, or the cause of the context's end.
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

// pipe is a named pipe. The first read opens it, because opening waits for the other side.
type pipe struct {
	path string
	f    *os.File
}

// Read reads from the pipe.
func (p *pipe) Read(b []byte) (n int, err error) {
	if p.f == nil {
		if p.f, err = os.Open(p.path); err != nil {
			return 0, err
		}
	}
	return p.f.Read(b)
}

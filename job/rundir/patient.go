package rundir

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// ErrNoReader reports that the reader of a pipe is gone.
var ErrNoReader = errors.New("nobody reads what is written to the pipe any more")

// readerPatience is how long a reader that does not read may hold up a process that was told to end.
const readerPatience = time.Second

// patient writes to a pipe whose reader may not read. A Write that waits for the reader ends with the context.
type patient struct {
	ctx context.Context
	w   io.Writer

	mu  sync.Mutex
	err error // of the Write that ended with the context, while its write to w may still go on
}

// Patient returns a writer to w whose writes end when the context ends, if w is a pipe or a socket. It returns other
// writers as they are. If w is from an earlier Patient, the new context replaces the earlier one. If the reader is
// gone, the error of a write is ErrNoReader.
func Patient(ctx context.Context, w io.Writer) io.Writer {
	if earlier, ok := w.(*patient); ok {
		return &patient{ctx: ctx, w: earlier.w}
	}
	f, ok := w.(*os.File)
	if !ok {
		return w
	}
	if info, err := f.Stat(); err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return w
	}
	return &patient{ctx: ctx, w: w}
}

// Write writes b, or returns the cause of the context's end.
func (p *patient) Write(b []byte) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return 0, p.err
	}
	b = bytes.Clone(b) // the caller may use it again while the write still waits
	ended := waitFor(p.ctx, func() { n, err = p.w.Write(b) })
	if ended != nil {
		p.err = ended
		return 0, ended
	}
	if errors.Is(err, syscall.EPIPE) {
		err = ErrNoReader
	}
	return n, err
}

// waitFor calls do and returns nil when do returns. If the context ends before, waitFor waits for readerPatience, and
// then returns the cause of the context's end while do still runs.
func waitFor(ctx context.Context, do func()) error {
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	last := time.NewTimer(readerPatience)
	defer last.Stop()
	select {
	case <-done:
		return nil
	case <-last.C:
		return context.Cause(ctx)
	}
}

// copyInto writes into a device or a pipe, which it must not replace. Opening a pipe waits for its reader. The copy
// ends with the context.
func copyInto(ctx context.Context, to string, in io.Reader, copyTable func(io.Writer, io.Reader) error) error {
	var out *os.File
	var err error
	ended := waitFor(ctx, func() { out, err = os.OpenFile(to, os.O_WRONLY, 0) })
	if ended != nil {
		return fmt.Errorf("nobody reads %s: %w", to, ended)
	}
	if err != nil {
		return err
	}
	err = copyTable(Patient(ctx, out), in)
	if e := out.Close(); err == nil {
		err = e
	}
	return err
}

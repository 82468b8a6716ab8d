package cli

import (
	"errors"
	"io"
	"os"

	"rolecall/job"
)

// openRegular opens a file or folder. Anything else is refused: to open a named pipe waits for whoever writes to it, and hears no signal.
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

// isPipe says whether there is a pipe, as the shell's <(...) makes one.
func isPipe(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}

// pipedSecret reads a secret that comes through a pipe, for no longer than the process lasts.
func (p *process) pipedSecret(path string) (string, error) {
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
		text, err := io.ReadAll(io.LimitReader(f, largestSecret+1))
		done <- result{text, err}
	}()
	select {
	case <-p.ctx.Done():
		return "", &job.Stop{Reason: job.Interrupted, Err: job.ErrInterrupted}
	case r := <-done:
		return string(r.text), r.err
	}
}

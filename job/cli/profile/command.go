package profile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	largestOutput = 64 << 10 // of a command, in bytes
	shownError    = 300      // of its complaints, in letters
)

// killDelay is how long to wait for the pipes of a command that ended. Its children may keep them open.
const killDelay = time.Second

// commandSecret runs a program that prints a secret, without a shell. The program gets no stdin, because the run may
// read its table there.
func (p *Profiles) commandSecret(ctx context.Context, command []string, patience time.Duration) (string, error) {
	program := command[0]
	if filepath.Base(program) != program {
		var err error
		if program, err = p.besideConfig(program); err != nil {
			return "", err
		}
	}
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(bounded, program, command[1:]...) // #nosec G204 -- the user's own config file names it
	out, complaints := &boundedWriter{full: cancel}, &boundedWriter{}
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = out, complaints, killDelay
	err := cmd.Run()
	said := shown(complaints.String(), out.String())
	var exit *exec.ExitError
	var missing *exec.Error
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case out.over:
		return "", fmt.Errorf("it gives more than %d KiB, which is no secret: it was ended", largestOutput>>10)
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // it ended well, and left an agent that holds its pipes
		return out.String(), nil
	case bounded.Err() != nil:
		return "", awayError{fmt.Errorf("it gave nothing in %s%s", patience, said)}
	case errors.As(err, &exit):
		return "", awayError{fmt.Errorf("it failed (%s)%s", exit.ProcessState, said)}
	case errors.As(err, &missing):
		return "", fmt.Errorf("it cannot be run: %w", missing.Err)
	}
	return "", errors.New("it cannot be run: is it there, and a program?")
}

// longWord matches what could be a secret. Zoho's are hexadecimal digits and dots. It matches no path or address, which
// people need to see: those have slashes.
var longWord = regexp.MustCompile(`[^\s/\\"'=]{16,}`)

// shown returns a command's complaints, with its output and all that could be a secret redacted.
func shown(complaints, out string) string {
	lines := strings.Fields(out)
	// The longest first, because a shorter one may be a part of a longer one.
	slices.SortFunc(lines, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range lines {
		if len(secret) >= 4 { // shorter ones are words of anything
			complaints = strings.ReplaceAll(complaints, secret, "[redacted]")
		}
	}
	complaints = longWord.ReplaceAllString(complaints, "[redacted]")
	var parts []string
	for line := range strings.Lines(complaints) {
		if line = strings.TrimSpace(line); line != "" {
			parts = append(parts, line)
		}
	}
	text := []rune(strings.Join(parts, "; "))
	if len(text) == 0 {
		return ""
	}
	if len(text) > shownError {
		text = append(text[:shownError], '…')
	}
	return ": " + string(text)
}

// boundedWriter stores the beginning of what is written to it. The buffer is not embedded: its ReadFrom would take
// everything.
type boundedWriter struct {
	buffer bytes.Buffer
	full   func() // nil: the rest is dropped
	over   bool   // there was a rest
}

func (w *boundedWriter) String() string { return w.buffer.String() }

func (w *boundedWriter) Write(b []byte) (int, error) {
	room := largestOutput - w.buffer.Len()
	w.buffer.Write(b[:min(room, len(b))])
	if w.over = w.over || len(b) > room; w.over && w.full != nil {
		w.full()
	}
	return len(b), nil
}

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
	largestOutput = 64 << 10 // the most bytes of a command's output
	shownError    = 300      // the most characters of its error output in a message
)

// killDelay is how long to wait for the pipes of a command that ended, because its children may keep them open.
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
		return "", fmt.Errorf("it prints more than %d KiB, which is no secret: rolecall ended it", largestOutput>>10)
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // success; with ErrWaitDelay a child still holds the pipes
		return out.String(), nil
	case bounded.Err() != nil:
		return "", awayError{fmt.Errorf("it printed nothing in %s%s", patience, said)}
	case errors.As(err, &exit):
		return "", awayError{fmt.Errorf("it failed (%s)%s", exit.ProcessState, said)}
	case errors.As(err, &missing):
		return "", fmt.Errorf("it cannot be run: %w", missing.Err)
	}
	return "", errors.New("it cannot be run: does the file exist, and is it a program?")
}

// longWord matches a word that could be a secret. Zoho's secrets are hexadecimal digits and dots. longWord matches no
// path or address, because those have slashes, and people need to see them.
var longWord = regexp.MustCompile(`[^\s/\\"'=]{16,}`)

// shown returns a command's error output for a message. It redacts the command's output and every word that could be a
// secret.
func shown(complaints, out string) string {
	lines := strings.Fields(out)
	// The longest first, because a shorter one may be a part of a longer one.
	slices.SortFunc(lines, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range lines {
		if len(secret) >= 4 { // a shorter word may be a part of any text
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

// boundedWriter stores the first largestOutput bytes that are written to it. The buffer is not embedded, because its
// ReadFrom would store everything.
type boundedWriter struct {
	buffer bytes.Buffer
	full   func() // called when more bytes come; nil: they are dropped
	over   bool   // more bytes came
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

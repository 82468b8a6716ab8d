// Package ask asks the user questions, at a terminal or through a pipe.
package ask

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"rolecall/job"
	"rolecall/job/report"
)

// largestInput is the most bytes that a Prompt reads from stdin.
const largestInput = 16 << 10

// Prompt asks questions, one after the other.
type Prompt struct {
	Terminal bool // a person can answer

	out   io.Writer
	over  bool // the input has ended
	fd    int  // of the terminal
	lines *bufio.Reader
}

// New returns a Prompt that reads from in and shows its questions on out.
func New(in io.Reader, out io.Writer) *Prompt {
	p := &Prompt{out: out, lines: bufio.NewReader(io.LimitReader(in, largestInput))}
	if f, ok := in.(*os.File); ok {
		p.fd = int(f.Fd()) // #nosec G115 -- a file descriptor is a small number
		p.Terminal = term.IsTerminal(p.fd)
	}
	return p
}

// Line asks for a line. At a terminal it repeats the prompt until the user types something, and does not show a secret.
// From a pipe it reads the next line.
func (p *Prompt) Line(ctx context.Context, prompt string, secret bool) (string, error) {
	line, err := p.line(ctx, prompt, secret)
	for err == nil && p.Terminal && !p.over && strings.TrimSpace(line) == "" {
		line, err = p.line(ctx, prompt, secret)
	}
	return line, err
}

// Optional asks for a word, which may be empty.
func (p *Prompt) Optional(ctx context.Context, prompt string) (string, error) {
	line, err := p.line(ctx, prompt, false)
	return strings.TrimSpace(line), err
}

// Confirm returns nil if the user agrees. With yes it does not ask. flag is the flag that sets yes.
func (p *Prompt) Confirm(ctx context.Context, question, flag string, yes bool) error {
	if yes {
		return nil
	}
	if !p.Terminal {
		return &job.UsageError{Err: fmt.Errorf("nobody can be asked here: give %s if it is meant", flag)}
	}
	line, err := p.line(ctx, question+" [y/N]", false)
	if err != nil {
		return err
	}
	if answer := strings.TrimSpace(line); answer != "y" && answer != "Y" && answer != "yes" {
		return &job.UsageError{Err: errors.New("not confirmed: nothing was changed")}
	}
	return nil
}

// line reads a line, or returns an error when the context ends.
func (p *Prompt) line(ctx context.Context, prompt string, secret bool) (string, error) {
	read := func() (string, error) { return p.lines.ReadString('\n') }
	restore := func() {}
	if p.Terminal {
		_ = report.Printf(p.out, "%s: ", prompt)
		if secret {
			read = func() (string, error) { b, err := term.ReadPassword(p.fd); return string(b), err }
			if state, err := term.GetState(p.fd); err == nil {
				// without this, an interrupted prompt leaves a terminal that shows no input
				restore = func() { _ = term.Restore(p.fd, state) }
			}
			defer func() { _, _ = fmt.Fprintln(p.out) }()
		}
	}
	type result struct {
		line string
		err  error
	}
	done := make(chan result, 1)
	go func() { line, err := read(); done <- result{line, err} }()
	select {
	case <-ctx.Done():
		restore()
		return "", job.EndOf(ctx)
	case r := <-done:
		if errors.Is(r.err, io.EOF) { // the last line may lack its end
			r.err, p.over = nil, true
		}
		return r.line, r.err
	}
}

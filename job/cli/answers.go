package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"rolecall/job"
)

// answers are what a person, or a pipe, says to what a command asks.
type answers struct {
	p        *process
	terminal bool // somebody sits there
	over     bool // nothing more comes
	fd       int  // of the terminal
	lines    *bufio.Reader
}

// answers begins to listen.
func (p *process) answers() *answers {
	a := &answers{p: p, lines: bufio.NewReader(io.LimitReader(p.stdin, 4*largestSecret))}
	if f, ok := p.stdin.(*os.File); ok {
		a.fd = int(f.Fd()) // #nosec G115 -- a file descriptor is a small number
		a.terminal = term.IsTerminal(a.fd)
	}
	return a
}

// ask gets one word: at a prompt, which shows no secret and comes again where nothing is answered, or as a line of what stdin is.
func (a *answers) ask(prompt, what string, secret bool) (string, error) {
	line, err := a.line(prompt, secret)
	for err == nil && a.terminal && !a.over && strings.TrimSpace(line) == "" {
		line, err = a.line(prompt, secret)
	}
	if err == nil {
		line, err = oneLine(line)
	}
	if _, stopped := errors.AsType[*job.Stop](err); stopped {
		return "", err
	}
	if err != nil {
		return "", &errSignIn{fmt.Sprintf("the %s was asked for, and what came cannot be one: %v", what, err)}
	}
	return line, nil
}

// askOrNothing gets one word, or "".
func (a *answers) askOrNothing(prompt string) (string, error) {
	line, err := a.line(prompt, false)
	if err != nil || strings.TrimSpace(line) == "" {
		return "", err
	}
	return strings.TrimSpace(line), nil
}

// line reads a line, for no longer than the process lasts.
func (a *answers) line(prompt string, secret bool) (string, error) {
	read := func() (string, error) { return a.lines.ReadString('\n') }
	restore := func() {}
	if a.terminal {
		_, _ = fmt.Fprintf(a.p.stderr, "%s: ", prompt)
		if secret {
			read = func() (string, error) { b, err := term.ReadPassword(a.fd); return string(b), err }
			if state, err := term.GetState(a.fd); err == nil {
				restore = func() { _ = term.Restore(a.fd, state) } // an interrupted prompt must not leave a terminal that shows nothing
			}
			defer func() { a.p.say("") }()
		}
	}
	type result struct {
		line string
		err  error
	}
	done := make(chan result, 1)
	go func() { line, err := read(); done <- result{line, err} }()
	select {
	case <-a.p.ctx.Done():
		restore()
		return "", &job.Stop{Reason: job.Interrupted, Err: job.ErrInterrupted}
	case r := <-done:
		if errors.Is(r.err, io.EOF) { // the last line may lack its end
			r.err, a.over = nil, true
		}
		return r.line, r.err
	}
}

// confirm asks whether to do something; yes is the answer that was given beforehand.
func (a *answers) confirm(question, flag string, yes bool) error {
	if yes {
		return nil
	}
	if !a.terminal {
		return &errUsage{fmt.Errorf("nobody is there to say yes: give %s if it is meant", flag)}
	}
	line, err := a.line(question+" [y/N]", false)
	if err != nil {
		return err
	}
	if answer := strings.TrimSpace(line); answer != "y" && answer != "Y" && answer != "yes" {
		return &errUsage{errors.New("not confirmed: nothing was changed")}
	}
	return nil
}

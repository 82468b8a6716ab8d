package signin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"rolecall/api/gateway"
	"rolecall/job"
	"rolecall/job/cli/profile"
	"rolecall/job/report"
)

// Command is what a sign-in command uses of its process.
type Command struct {
	Profiles       *profile.Profiles
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Forward        func(profile.Place) (*gateway.Forward, error) // returns what is known about a gateway
	VoiceURL       string                                        // the server of Zoho Voice; "": the data centre's
	Patience       time.Duration                                 // with another process that holds the access tokens; 0: the usual one
}

// say writes a line to stderr.
func (c *Command) say(format string, args ...any) {
	_ = report.Printf(c.Stderr, format+"\n", args...)
}

// silentFor is how long a command may show nothing. After that, people think that the command hangs.
const silentFor = 3 * time.Second

// awaits shows what the command waits for, unless over is called within silentFor.
func (c *Command) awaits(what string) (over func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case <-done:
		case <-time.After(silentFor):
			c.say("rolecall: waiting for %s", what)
		}
	})
	return func() { close(done); wg.Wait() }
}

// ask asks the user for one word.
func (s *login) ask(ctx context.Context, prompt, what string, secret bool) (string, error) {
	if secret && s.prompt.Terminal {
		s.say("  Paste the %s and press Enter. It is not shown.", what)
	}
	line, err := s.prompt.Line(ctx, prompt, secret)
	if err == nil {
		line, err = profile.OneLine(line)
	}
	if _, stopped := errors.AsType[*job.Stop](err); stopped {
		return "", err
	}
	if err != nil {
		return "", &profile.SignInError{Message: fmt.Sprintf(
			"the %s was asked for, and what came cannot be one: %v", what, err)}
	}
	return line, nil
}

package signin

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"rolecall/job"
	"rolecall/job/cli/ask"
	"rolecall/job/cli/clitest"
	"rolecall/job/cli/profile"
	"rolecall/job/jobtest"
)

const canary = clitest.Canary

func TestMain(m *testing.M) { os.Exit(jobtest.Main{M: m}.Run()) }

// newCommand returns a command with a config file with that text, or without one if the text is empty. It has folders
// of its own.
func newCommand(t *testing.T, text string) *Command {
	t.Helper()
	c := &Command{
		Profiles: &profile.Profiles{Getenv: clitest.Getenv(t, nil)},
		Stdin:    strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard,
	}
	if text != "" {
		writeConfig(t, c, text)
	}
	return c
}

func configOf(t *testing.T, c *Command) string {
	t.Helper()
	path, err := c.Profiles.Path()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func writeConfig(t *testing.T, c *Command, text string) {
	t.Helper()
	clitest.WriteFile(t, configOf(t, c), text, 0o600)
}

// The clock is reported as wrong from five minutes on, in both directions. An answer without a date has no effect.
func TestServerClock(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[time.Duration]string{
		0: "", 4 * time.Minute: "", -4 * time.Minute: "", time.Hour: "1h0m0s behind", -time.Hour: "1h0m0s ahead of",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
		}))
		t.Cleanup(server.Close)
		c := &serverClock{}
		res, err := (&http.Client{Transport: c}).Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := c.wrong(); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s ahead: %q, want %q", ahead, got, want)
		}
	}
	if got := (&serverClock{}).wrong(); got != "" {
		t.Errorf("before any answer: %q", got)
	}
}

// Each question reads a line from a pipe. The last line may lack its line end. No error shows a secret.
func TestWordsFromAPipe(t *testing.T) {
	t.Parallel()
	s := &login{prompt: ask.New(strings.NewReader("one\r\n two \n\nmore than a word\nlast"), io.Discard)}
	for _, want := range []string{"one", "two", "", "", "last", ""} {
		got, err := s.ask(t.Context(), "Code", "code", true)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
		_, ok := errors.AsType[*profile.SignInError](err)
		if err != nil && (!ok || strings.Contains(err.Error(), "word\n") || strings.Contains(err.Error(), "than a")) {
			t.Errorf("error: %v", err)
		}
	}
}

// A signal ends the wait for input that never comes.
func TestQuestionIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	t.Cleanup(func() { w.Close() })
	cancel()
	_, err := (&login{prompt: ask.New(r, io.Discard)}).ask(ctx, "Code", "code", true)
	if stop, ok := errors.AsType[*job.Stop](err); !ok || stop.Reason != job.Interrupted {
		t.Errorf("got %v", err)
	}
}

// A sign-in looks at the proxy variable before it asks for anything, as other commands do, and trims the connection
// variables.
func TestLoginReadsTheEnvironment(t *testing.T) {
	t.Parallel()
	c := newCommand(t, "")
	environ := map[string]string{profile.EnvDC: "eu\n", profile.EnvClientID: " 1000.A"}
	c.Profiles.Getenv = clitest.Getenv(t, environ)
	s, err := c.newLogin(t.Context(), LoginFlags{Profile: "acme"})
	if err != nil || s.used.DC != "eu" || s.used.ClientID != "1000.A" {
		t.Fatalf("%v: %+v", err, s)
	}
	environ["HTTPS_PROXY"] = "http://user:p%ss@proxy:3128"
	c.Profiles.Getenv = clitest.Getenv(t, environ)
	_, err = c.newLogin(t.Context(), LoginFlags{Profile: "acme"})
	_, usage := errors.AsType[*job.UsageError](err)
	if !usage || !strings.HasPrefix(err.Error(), "HTTPS_PROXY is no URL") {
		t.Errorf("a wrong proxy: %v", err)
	}
}

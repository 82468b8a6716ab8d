//go:build linux

package cli_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"rolecall/api/emulator"
)

// terminal is one at which a process sits.
type terminal struct {
	person, process *os.File
	shown           spoken
	over            chan struct{}
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip("the test needs a pseudo-terminal, and opening one failed: ", err)
	}
	t.Cleanup(func() { person.Close() })
	number, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	process, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{person: person, process: process, over: make(chan struct{})}
	go func() { _, _ = io.Copy(&x.shown, person); close(x.over) }() // it fails when the process has closed its side
	return x
}

// echoes says whether what is typed is shown.
func (x *terminal) echoes() bool {
	mode, err := unix.IoctlGetTermios(int(x.person.Fd()), unix.TCGETS)
	return err == nil && mode.Lflag&unix.ECHO != 0
}

// TestNothingSecretIsShownAtAPrompt types the client's secret and the code at a terminal, into a sign-in that goes
// well, one whose secret is wrong and one whose code was used: neither is shown, told, or kept where it may not be.
func TestNothingSecretIsShownAtAPrompt(t *testing.T) {
	t.Parallel()
	a := newAviary(t,
		canaryTrouble{well: true, options: emulator.Options{ClientID: "1000.ACME", ClientSecret: canarySecret}})
	a.prepare("auth login")
	code := a.codeInVault()
	for _, c := range []struct {
		secret, code string
		exit         int
		says         string
	}{
		{canarySecret + "-wrong", code, 4, "the client secret is wrong"},
		{canarySecret, code, 0, "Signed in: org"},
		{canarySecret, code, 4, "the code was used before"},
		{canarySecret, canarySecret, 4, "the code was used before"},
		{canarySecret, "two " + canarySecret, 4, "more than one word"},
	} {
		x := newTerminal(t)
		p := exec.CommandContext(t.Context(), "rolecall", "auth", "login", "--profile", "fresh", "--api-url", a.url,
			"--new-secret")
		p.Dir, p.Env = a.dir, slices.Clone(a.env)
		p.Stdin, p.Stdout, p.Stderr = x.process, x.process, x.process
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		x.process.Close()
		a.types(x, "Client ID: ", "1000.ACME", false)
		a.types(x, "Client Secret: ", c.secret, true)
		a.types(x, "Code: ", c.code, true)
		<-x.over
		_ = p.Wait()
		said := x.shown.String()
		if got := p.ProcessState.ExitCode(); got != c.exit || !strings.Contains(said, c.says) {
			t.Errorf("exit code %d, want %d, and %q: %s", got, c.exit, c.says, said)
		}
		a.looksAround("auth login at a terminal", said)
		if err := os.RemoveAll(filepath.Join(filepath.Dir(a.state), "config")); err != nil {
			t.Fatal(err)
		}
	}
}

// types waits for a prompt, and for what is secret until nothing is shown, as a person who looks would.
func (a *aviary) types(x *terminal, prompt, answer string, secret bool) {
	a.t.Helper()
	ready := func() bool { return strings.Contains(x.shown.String(), prompt) && x.echoes() != secret }
	a.until(ready)
	if !ready() {
		a.t.Fatalf("no prompt %q: %s", prompt, x.shown.String())
	}
	if _, err := io.WriteString(x.person, answer+"\n"); err != nil {
		a.t.Fatal(err)
	}
}

func (a *aviary) codeInVault() string {
	a.t.Helper()
	text, err := os.ReadFile(filepath.Join(a.dir, "vault", "code"))
	if err != nil {
		a.t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

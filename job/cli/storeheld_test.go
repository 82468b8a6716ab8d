package cli

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"rolecall/api/emulator"
	"rolecall/job/cli/command"
)

// heldRig runs commands in this process against an emulator, with little patience for other processes.
type heldRig struct {
	t      *testing.T
	emu    *emulator.Emulator
	dir    string
	env    map[string]string
	tokens string
}

func newHeldRig(t *testing.T) *heldRig {
	t.Helper()
	emu, err := emulator.New(emulator.Options{Deals: 5, Contacts: 5})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(emu)
	t.Cleanup(func() { server.Close(); _ = emu.Close() })
	dir := t.TempDir()
	r := &heldRig{t: t, emu: emu, dir: dir, tokens: filepath.Join(dir, "state", "rolecall", "tokens"),
		env: map[string]string{
			"XDG_STATE_HOME": filepath.Join(dir, "state"), "XDG_CONFIG_HOME": filepath.Join(dir, "config"),
			"ROLECALL_API_URL": server.URL, "ROLECALL_ACCOUNTS_URL": server.URL, "ROLECALL_CLIENT_ID": "x",
			"ROLECALL_CLIENT_SECRET": "x", "ROLECALL_REFRESH_TOKEN": emulator.RefreshToken,
		}}
	table := "deal_id,contact_id,role\n4150868000010000001,4150868000020000001,Purchasing\n"
	if err := os.WriteFile(filepath.Join(dir, "in.csv"), []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	return r
}

// run runs a command and returns its exit code and all that it said.
func (r *heldRig) run(args ...string) (code int, said string) {
	r.t.Helper()
	var out bytes.Buffer
	p := &command.Process{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Patience: time.Millisecond,
		Getenv: func(name string) string { return r.env[name] },
	}
	code = run(r.t.Context(), p, args)
	return code, out.String()
}

// TestStoreIsHeld has another process that holds the store of tokens, and does not go on: a run waits for it, says so,
// and ends before it has sent anything, with the way on. auth status and doctor do likewise.
func TestStoreIsHeld(t *testing.T) {
	t.Parallel()
	r := newHeldRig(t)
	if code, said := r.run("auth", "status"); code != command.ExitOK { // it makes the lock
		t.Fatalf("exit code %d: %s", code, said)
	}
	locks, err := filepath.Glob(filepath.Join(r.tokens, "*.lock"))
	if err != nil || len(locks) != 1 {
		t.Fatalf("locks: %s, %v", locks, err)
	}
	lock := flock.New(locks[0])
	if ok, err := lock.TryLock(); err != nil || !ok {
		t.Fatalf("lock: %v, %v", ok, err)
	}
	t.Cleanup(func() { _ = lock.Close() })
	folder := filepath.Join(r.dir, "run")
	for name, args := range map[string][]string{
		"assign": {"assign", filepath.Join(r.dir, "in.csv"), "--run-dir", folder},
		"status": {"auth", "status"},
		"doctor": {"doctor"},
	} {
		code, said := r.run(args...)
		says := []string{"another process has held the store of access tokens", locks[0], "let it go on, or end it",
			"give the same command again"}
		if name == "doctor" {
			says = append(says, "error    token", "-> give the same command again")
		}
		for _, text := range says {
			if code != command.ExitSignIn || !strings.Contains(said, text) {
				t.Errorf("%s: exit code %d, want %d and %q: %s", name, code, command.ExitSignIn, text, said)
			}
		}
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("a run was made")
	}
	if n := r.emu.Stats().TokensIssued; n != 1 {
		t.Errorf("%d tokens were taken, want the first alone", n)
	}
	if files, _ := filepath.Glob(filepath.Join(r.tokens, "*.json")); len(files) != 1 {
		t.Errorf("tokens: %s", files)
	}
}

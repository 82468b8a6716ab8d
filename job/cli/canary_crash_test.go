//go:build unix

package cli_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"rolecall/api/emulator"
)

// crash is a process that is made to crash while a call of it has no answer.
type crash struct {
	line string
	env  []string // beside those of everybody
	hold string   // the method of that call
}

func (a *aviary) crashes() map[string]crash {
	profile := func(name string) []string {
		return []string{"ROLECALL_CONFIG=vault/config.yaml", "ROLECALL_PROFILE=" + name}
	}
	return map[string]crash{
		"variables": {"assign in.csv -v --batch off", []string{
			"ROLECALL_API_URL=" + a.url, "ROLECALL_ACCOUNTS_URL=" + a.url, "ROLECALL_CLIENT_ID=x",
			"ROLECALL_CLIENT_SECRET=" + canarySecret, "ROLECALL_REFRESH_TOKEN=" + canaryRefresh,
		}, "PUT"},
		"files":    {"assign in.csv -v --batch off", profile("files"), "PUT"},
		"commands": {"remove in.csv -v", profile("commands"), "GET"},
		"signing in": {"auth login --profile fresh --api-url $DOOR --client-id x <vault/both",
			[]string{"DOOR=" + a.url}, "POST"},
	}
}

// TestNothingSecretIsInACrash makes real processes crash in the middle of a run and of a sign-in, where secrets and
// tokens are in memory: by the signals that have Go's runtime write what all goroutines do, as an unrecovered panic
// would. Nothing secret is in that, nor in any file.
func TestNothingSecretIsInACrash(t *testing.T) {
	t.Parallel()
	for name := range (&aviary{}).crashes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAviary(t, canaryTrouble{well: true})
			c := a.crashes()[name]
			for _, with := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGABRT} {
				for _, traceback := range []string{"all", "crash"} {
					a.crash(c, with, traceback)
				}
			}
			if c.hold != "POST" && len(a.secrets) < 3 {
				t.Error("no token was given: there was none to be told")
			}
		})
	}
}

// crash runs a line until the call without an answer, and has it crash there.
func (a *aviary) crash(c crash, with syscall.Signal, traceback string) {
	a.t.Helper()
	check := func(err error) {
		a.t.Helper()
		if err != nil {
			a.t.Fatal(err)
		}
	}
	a.prepare("auth login")
	check(a.w.put(emulator.Options{TokenRequests: -1, Deals: 120, Contacts: 5}))
	a.grant(check)
	a.vault()
	a.runs++
	a.holdCalls(c.hold)
	defer a.holdCalls("")
	var out spoken
	// Without a limit of 0 the system may write a core file, which holds all secrets.
	p := exec.CommandContext(a.t.Context(), "sh", "-c", "ulimit -c 0; exec rolecall "+c.line)
	p.Dir, p.Env = a.dir,
		append(slices.Clone(a.env), fmt.Sprintf("ROLECALL_RUN_DIR=run%d", a.runs), "GOTRACEBACK="+traceback)
	p.Env = append(p.Env, c.env...)
	p.Stdout, p.Stderr = &out, &out
	check(p.Start())
	a.until(func() bool {
		a.w.mu.Lock()
		defer a.w.mu.Unlock()
		return a.w.held > 0
	})
	check(p.Process.Signal(with))
	_ = p.Wait() // it fails
	said := out.String()
	if p.ProcessState.Success() || !strings.Contains(said, "goroutine ") || !strings.Contains(said, "net/http") {
		a.t.Errorf("%s did not crash by %s: %s: %s", c.line, with, p.ProcessState, said)
	}
	a.looksAround(fmt.Sprintf("%s, with %s and GOTRACEBACK=%s,", c.line, with, traceback), said)
}

// holdCalls leaves calls of a method without an answer from now on; "" answers all.
func (a *aviary) holdCalls(method string) {
	a.w.holdCalls(method, 0)
}

// vault keeps a config file, and secrets in files and behind a command, where the search does not look.
func (a *aviary) vault() {
	store := filepath.Join(a.state, "rolecall", "secrets")
	a.write("vault/config.yaml", fmt.Sprintf(`profiles:
  files: {api_url: %q, client_id: x, secret_file: %q, refresh_token_file: %q}
  commands: {api_url: %[1]q, client_id: x, secret_command: [cat, %[2]q], refresh_token_command: [cat, %[3]q]}
`, a.url, filepath.Join(store, "acme-client-secret"), filepath.Join(store, "acme-refresh-token")))
}

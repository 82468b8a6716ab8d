//go:build unix

package cli_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"rolecall/api/emulator"
)

// machine is a folder in which the real rolecall is run by a shell, against an emulator of its own.
type machine struct {
	t   *testing.T
	dir string
	w   *world
	env []string
	as  *syscall.Credential // nil: whoever runs the test
}

const machineRows = 600

// newMachine makes one with in.csv, a file of 600 rows, in its folder.
func newMachine(t *testing.T, o emulator.Options) *machine {
	t.Helper()
	m := &machine{t: t, dir: t.TempDir(), w: newWorld()}
	t.Cleanup(m.w.close)
	o.TokenRequests = -1
	if o.Deals == 0 {
		o.Deals, o.Contacts = 120, 5
	}
	if err := m.w.put(o); err != nil {
		t.Fatal(err)
	}
	m.env = append(plainEnviron(), "XDG_STATE_HOME="+filepath.Join(t.TempDir(), "xdg"),
		"ROLECALL_API_URL="+m.w.server.URL, "ROLECALL_ACCOUNTS_URL="+m.w.server.URL, "ROLECALL_CLIENT_ID=x",
		"ROLECALL_CLIENT_SECRET="+canarySecret, "ROLECALL_REFRESH_TOKEN="+canaryRefresh)
	m.write("in.csv", bulkRows(0))
	return m
}

// bulkRows are 600 rows, on deals from the first after so many on.
func bulkRows(after int) string {
	var b strings.Builder
	b.WriteString("deal_id,contact_id,role\n")
	for i := range machineRows {
		fmt.Fprintf(&b, "%d,%d,Purchasing\n", dealBase+after+i/5+1, contactBase+i%5+1)
	}
	return b.String()
}

func (m *machine) write(name, text string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

// sh runs a line of shell and returns its exit code and what it said. Whatever it is, it may not be a panic.
func (m *machine) sh(line string) (code int, said string) {
	m.t.Helper()
	var out bytes.Buffer
	c := exec.CommandContext(m.t.Context(), "sh", "-c", line)
	c.Dir, c.Env, c.Stdout, c.Stderr = m.dir, m.env, &out, &out
	if m.as != nil {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: m.as}
	}
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		m.t.Fatal(err)
	}
	said = out.String()
	for _, trace := range []string{"panic:", "goroutine ", "SIGXFSZ", "fatal error"} {
		if strings.Contains(said, trace) {
			m.t.Errorf("%s: %s", line, said)
		}
	}
	return c.ProcessState.ExitCode(), said
}

// exits runs a line that must end with that code and say something.
func (m *machine) exits(code int, line string, says ...string) {
	m.t.Helper()
	got, said := m.sh(line)
	if got != code {
		m.t.Errorf("%s: exit code %d, want %d: %s", line, got, code, said)
	}
	for _, text := range says {
		if !strings.Contains(said, text) {
			m.t.Errorf("%s does not say %q: %s", line, text, said)
		}
	}
}

// whole looks at a run's folder: each file that is there under its own name is whole. It says whether there are
// results.
func (m *machine) whole(run string) bool {
	m.t.Helper()
	text, err := os.ReadFile(filepath.Join(m.dir, run, "results.csv"))
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	rows, csvErr := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err = errors.Join(err, csvErr); err != nil || len(rows) != machineRows+1 ||
		!bytes.HasSuffix(text, []byte("\n")) {
		m.t.Errorf("%s/results.csv is not whole: %d lines, %v", run, len(rows), err)
	}
	if text, err := os.ReadFile(filepath.Join(m.dir, run, "summary.json")); err == nil &&
		!bytes.HasSuffix(text, []byte("}\n")) {
		m.t.Errorf("%s/summary.json is not whole: %s", run, text)
	}
	return true
}

// left are the files in the folder of a name that no command should leave.
func (m *machine) left(pattern string) []string {
	found, err := filepath.Glob(filepath.Join(m.dir, pattern))
	if err != nil {
		m.t.Fatal(err)
	}
	return found
}

// done holds the end of all trouble: resume finishes, all rows are in the table and in the org.
func (m *machine) done(run string) {
	m.t.Helper()
	code, said := m.sh("rolecall resume '" + run + "' --max-credits 100000 --results all.csv")
	if code != 0 || !m.whole(run) {
		m.t.Errorf("resume: exit code %d: %s", code, said)
	}
	n := 0
	for _, contacts := range m.w.current().SnapshotState() {
		n += len(contacts)
	}
	if n != machineRows {
		m.t.Errorf("%d contacts have their roles, want %d", n, machineRows)
	}
	if left := append(m.left(".rolecall-*"), m.left(run+"/.*")...); len(left) > 0 {
		m.t.Errorf("left behind: %s", left)
	}
}

// until waits until something is so.
func (m *machine) until(so func() bool) {
	for began := time.Now(); !so() && time.Since(began) < patience; {
		<-time.After(lookEach)
	}
}

//go:build unix

package cli_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rolecall/api/emulator"
)

// runs are the folders of exports under way.
func (m *machine) runs() []string {
	found, err := filepath.Glob(filepath.Join(m.stateDir(), "exports", "*", "run"))
	if err != nil {
		m.t.Fatal(err)
	}
	return found
}

func (m *machine) file(name string) string {
	m.t.Helper()
	b, err := os.ReadFile(filepath.Join(m.dir, name))
	if err != nil {
		m.t.Fatal(err)
	}
	return string(b)
}

// killed runs rolecall and kills it with SIGKILL once so many calls more have come, and a moment more has passed. It
// says whether it ended by itself.
func (m *machine) killed(calls int, moment time.Duration, args ...string) (finished bool, said string) {
	m.t.Helper()
	var out bytes.Buffer
	c := exec.CommandContext(m.t.Context(), "rolecall", args...)
	c.Dir, c.Env, c.Stdout, c.Stderr = m.dir, m.env, &out, &out
	before := m.w.current().Stats().Credits
	if err := c.Start(); err != nil {
		m.t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- c.Wait() }()
	for m.w.current().Stats().Credits < before+calls {
		select {
		case err := <-over:
			return err == nil, out.String()
		case <-time.After(time.Millisecond):
		}
	}
	select {
	case err := <-over:
		return err == nil, out.String()
	case <-time.After(moment):
	}
	_ = c.Process.Kill()
	err := <-over
	return err == nil, out.String()
}

// TestExportIsKilled kills an export at random moments, again and again, and goes on with it: the file is the one of an
// export that ran through, and until then yesterday's is there.
func TestExportIsKilled(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 0))
			m := newMachine(t,
				emulator.Options{Deals: 150, Contacts: 80, RolesPerDeal: 4, Latency: 20 * time.Millisecond})
			m.exits(0, "rolecall export -o want.csv -q")
			m.write("out.csv", "yesterday\n")
			way := [][]string{nil, {"--composite", "on"}, {"--via", "contacts"}, {"--shape", "long"}}[seed]
			most := []int{50, 15, 40, 100}[seed] // calls to a kill
			kills := 0
			for {
				args := append([]string{"export", "-o", "out.csv", "--concurrency", "5", "--changes", "changes.csv"},
					way...)
				if runs := m.runs(); len(runs) > 0 && kills%9 != 8 {
					args = []string{"resume", runs[0]}
				}
				finished, said := m.killed(1+random.IntN(most), time.Duration(random.IntN(300))*time.Millisecond,
					args...)
				if finished {
					break
				}
				// A kill before the list is kept, or of a fresh export, leaves nothing to go on with; what cannot be
				// gone on with says so, and a new one begins.
				if got := m.file("out.csv"); got != "yesterday\n" && got != m.file("want.csv") {
					t.Fatalf("after %d kills the file is %.300q: %s", kills, got, said)
				}
				for _, bad := range []string{"panic", "malformed", "this is a bug in rolecall"} {
					if strings.Contains(said, bad) {
						t.Fatalf("after %d kills: %s", kills, said)
					}
				}
				if kills++; kills > 60 {
					t.Fatalf("it does not end: %s", said)
				}
			}
			if m.file("out.csv") != m.file("want.csv") {
				t.Errorf("after %d kills the file is another one", kills)
			}
			if got := strings.Count(m.file("changes.csv"), "\n"); got != 1 {
				t.Errorf("the change feed has %d lines", got)
			}
			if runs := m.runs(); len(runs) > 0 {
				t.Errorf("left behind: %s", runs)
			}
			if kills == 0 {
				t.Error("it was never killed")
			}
		})
	}
}

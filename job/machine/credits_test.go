package machine

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"rolecall/api/pace"
)

const minute = 29_538_720 // some minute of 2026

// lease takes credits in a minute.
func lease(t *testing.T, c *Credits, credits int) {
	t.Helper()
	granted, _, err := c.Lease(pace.Lease{Minute: minute, Want: credits, Most: math.MaxInt})
	if err != nil || granted != credits {
		t.Fatalf("%d leased, want %d; %v", granted, credits, err)
	}
}

// recorded returns what a record holds in all.
func recorded(t *testing.T, c *Credits) int {
	t.Helper()
	_, day, err := c.Lease(pace.Lease{Minute: minute})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, n := range day {
		sum += n
	}
	return sum
}

func TestCreditsAreShared(t *testing.T) {
	t.Parallel()
	m, _ := newMachine(t)
	a, b, other := m.Credits("a"), m.another().Credits("a"), m.Credits("b")
	if got := recorded(t, a); got != 0 {
		t.Errorf("before any lease: %d", got)
	}
	if left, err := os.ReadDir(m.folder); err != nil || len(left) != 0 {
		t.Errorf("reading leaves %v, %v", left, err)
	}
	lease(t, a, 50)
	lease(t, b, 50)
	if got := recorded(t, a); got != 100 {
		t.Errorf("%d recorded, want 100", got)
	}
	// a gives 43 back, and b spent 5 without a lease.
	for c, back := range map[*Credits]int{a: 43, b: -5} {
		if _, _, err := c.Lease(pace.Lease{Minute: minute + 1, Back: back, Of: minute, Most: math.MaxInt}); err != nil {
			t.Fatal(err)
		}
	}
	if got := recorded(t, b); got != 62 {
		t.Errorf("%d recorded, want 62", got)
	}
	for least, want := range map[int]int{3: 0, 1: 2} {
		granted, _, err := b.Lease(pace.Lease{Minute: minute + 1, Want: 50, Least: least, Most: 62 + 2})
		if granted != want || err != nil {
			t.Errorf("%d leased, want %d; %v", granted, want, err)
		}
		if _, _, err := b.Lease(pace.Lease{Minute: minute + 1, Back: granted, Of: minute + 1}); err != nil {
			t.Fatal(err)
		}
	}
	if got := recorded(t, other); got != 0 {
		t.Errorf("another org has %d", got)
	}
	if _, day, err := a.Lease(pace.Lease{Minute: minute + 3*24*60, Want: 1, Most: 1}); err != nil || len(day) != 1 {
		t.Errorf("after three days: %v, %v", day, err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if info, err := os.Stat(m.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(m.folder); err != nil || len(left) != 2 { // the database and its lock
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestTheFolderIsPrivate(t *testing.T) {
	t.Parallel()
	m := In(filepath.Join(t.TempDir(), "state"))
	lease(t, m.Credits("a"), 1)
	if info, err := os.Stat(m.folder); err != nil || info.Mode().Perm() != 0o700 && runtime.GOOS != "windows" {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// exec runs a script on the database, as a person with sqlite3 does.
func (m *Machine) exec(t *testing.T, script string) {
	t.Helper()
	conn, err := sqlite.OpenConn(m.path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := sqlitex.ExecuteScript(conn, script, nil); err != nil {
		t.Fatal(err)
	}
}

// damages are ways to damage a database that holds something.
func damages() map[string]func(*testing.T, *Machine) {
	text := func(content string) func(*testing.T, *Machine) {
		return func(t *testing.T, m *Machine) {
			t.Helper()
			if err := os.WriteFile(m.path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return map[string]func(*testing.T, *Machine){
		"a text": text("?"), "JSON": text(`{"format":1}`),
		"another file": text("PK\x03\x04" + strings.Repeat("x", 9000)),
		"torn": func(t *testing.T, m *Machine) {
			t.Helper()
			if err := os.Truncate(m.path, 5000); err != nil {
				t.Fatal(err)
			}
		},
		"another schema": func(t *testing.T, m *Machine) {
			t.Helper()
			m.exec(t, "DROP TABLE credits; DROP TABLE findings; CREATE TABLE credits(a); CREATE TABLE findings(a)")
		},
		"another database": func(t *testing.T, m *Machine) {
			t.Helper()
			m.exec(t, "DROP TABLE credits; DROP TABLE findings; CREATE TABLE notes(a)")
		},
	}
}

// A damaged database is replaced by a new one, and a warning says so.
func TestDamagedDatabase(t *testing.T) {
	t.Parallel()
	for name, damage := range damages() {
		for _, first := range []string{"read", "write"} {
			t.Run(name+", "+first, func(t *testing.T) {
				t.Parallel()
				m, _ := newMachine(t)
				lease(t, m.Credits("a"), 7)
				damage(t, m)
				m = m.another()
				c := m.Credits("a")
				if first == "read" {
					if got := recorded(t, c); got != 0 {
						t.Errorf("%d recorded", got)
					}
				}
				lease(t, c, 5)
				if w := fmt.Sprint(m.Warning()); !strings.Contains(w, m.path) || !strings.Contains(w, "damaged") {
					t.Errorf("warning: %v", w)
				}
				next := m.another()
				if got := recorded(t, next.Credits("a")); got != 5 || next.Warning() != nil {
					t.Errorf("%d, %v", got, next.Warning())
				}
			})
		}
	}
}

// If a database is damaged while a process works, the new database has the credits that this process knows.
func TestDamagedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, damage := range damages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, _ := newMachine(t)
			c := m.Credits("a")
			lease(t, m.another().Credits("a"), 30)
			lease(t, c, 50)
			damage(t, m)
			lease(t, c, 20)
			if got := recorded(t, m.another().Credits("a")); got != 100 || m.Warning() == nil {
				t.Errorf("%d, %v", got, m.Warning())
			}
		})
	}
}

// A value that is not a number of credits cannot get into the database, whoever writes it.
func TestWrongCredits(t *testing.T) {
	t.Parallel()
	m, _ := newMachine(t)
	lease(t, m.Credits("a"), 1)
	conn, err := sqlite.OpenConn(m.path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, value := range []string{"-5", "0.5", "'many'", "NULL"} {
		if err := sqlitex.ExecuteScript(conn, "UPDATE credits SET credits = "+value, nil); err == nil {
			t.Errorf("%s was stored", value)
		}
	}
	if err := sqlitex.ExecuteScript(conn, "UPDATE credits SET credits = 9000000000000000", nil); err != nil {
		t.Fatal(err)
	}
	if got := recorded(t, m.Credits("a")); got != pace.MostCredits {
		t.Errorf("an absurd number counts as %d", got)
	}
}

func TestCreditsThatCannotBeRecorded(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, database), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, m := range []*Machine{In(file), In(folder)} {
		for _, want := range []int{0, 1} {
			_, _, err := m.Credits("a").Lease(pace.Lease{Minute: minute, Want: want, Most: 9})
			if err == nil || !strings.Contains(err.Error(), m.path) {
				t.Errorf("%s, %d wanted: %v", m.path, want, err)
			}
		}
	}
}

// If the record of credits breaks, a run goes on without it with a warning, or ends if the record limits the run. Both
// messages name the file.
func TestDatabaseFailsMeanwhile(t *testing.T) {
	t.Parallel()
	for name, limited := range map[string]bool{"limits": true, "informs": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, _ := newMachine(t)
			p := pace.New(pace.Config{})
			if err := p.Account(m.Credits("a"), pace.Budget{Credits: 1000, Limited: limited}); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(m.path, 0o700); err != nil {
				t.Fatal(err)
			}
			_, stop := p.Acquire(t.Context(), pace.Claim{})
			warning := p.Close()
			if limited {
				if stop == nil || stop.Reason != pace.Broken || !strings.Contains(stop.Err.Error(), m.path) {
					t.Errorf("%+v", stop)
				}
			} else if stop != nil || warning == nil || !strings.Contains(warning.Error(), m.path) {
				t.Errorf("%+v; warning: %v", stop, warning)
			}
		})
	}
}

const helper = "ROLECALL_TEST_CREDITS"

// TestCreditsHelper is a process of its own: see TestCreditsOfManyProcesses.
func TestCreditsHelper(t *testing.T) { //nolint:paralleltest // alone in its process
	folder := os.Getenv(helper)
	if folder == "" {
		t.Skip("runs in a process of its own")
	}
	m := In(folder)
	for range 20 {
		lease(t, m.Credits("a"), 4)
	}
	if os.Getenv(helper+"_KILL") != "" {
		os.Exit(0) // as a kill would end it: nothing is given back
	}
	if _, _, err := m.Credits("a").Lease(pace.Lease{Minute: minute, Back: 3, Of: minute}); err != nil {
		t.Fatal(err)
	}
}

// Many processes record at once. When they start the database is not there, or damaged.
func TestCreditsOfManyProcesses(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"", "no database"} {
		t.Run(fmt.Sprintf("%q", content), func(t *testing.T) {
			t.Parallel()
			m := In(t.TempDir())
			if content != "" {
				if err := os.WriteFile(m.path, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var wg sync.WaitGroup
			const processes = 6
			for i := range processes {
				wg.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					c := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestCreditsHelper$")
					c.Env = append(os.Environ(), helper+"="+m.folder)
					if i%2 == 0 {
						c.Env = append(c.Env, helper+"_KILL=1")
					}
					if out, err := c.CombinedOutput(); err != nil {
						t.Errorf("%v: %s", err, out)
					}
				})
			}
			wg.Wait()
			if got, want := recorded(t, m.Credits("a")), processes*80-processes/2*3; got != want {
				t.Errorf("%d, want %d", got, want)
			}
		})
	}
}

// A process that is killed in the middle of a transaction leaves no lock, and its changes are rolled back.
func TestKilledInATransaction(t *testing.T) {
	t.Parallel()
	m, _ := newMachine(t)
	lease(t, m.Credits("a"), 7)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestTransactionHelper$")
	c.Env = append(os.Environ(), helper+"_OPEN="+m.folder)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if _, err := os.Stat(m.path + "-journal"); err != nil {
		t.Errorf("the process left no journal: %v", err)
	}
	lease(t, m.Credits("a"), 1)
	if got := recorded(t, m.Credits("a")); got != 8 || m.Warning() != nil {
		t.Errorf("%d recorded, %v", got, m.Warning())
	}
}

// TestTransactionHelper is a process of its own: see TestKilledInATransaction.
func TestTransactionHelper(t *testing.T) { //nolint:paralleltest // alone in its process
	folder := os.Getenv(helper + "_OPEN")
	if folder == "" {
		t.Skip("runs in a process of its own")
	}
	_ = In(folder).write(func(conn *sqlite.Conn) error {
		for _, q := range []string{
			"PRAGMA cache_size=1", "PRAGMA cache_spill=1", "UPDATE credits SET credits = 99",
			"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) " +
				"INSERT INTO credits SELECT 'x', i, 1 FROM n",
		} {
			if err := sqlitex.ExecuteTransient(conn, q, nil); err != nil {
				return err
			}
		}
		os.Exit(0)
		return nil
	})
}

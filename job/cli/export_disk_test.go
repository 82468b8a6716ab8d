//go:build unix

package cli_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rolecall/api/emulator"
)

// exportMachine is a machine whose org has stakeholders, with yesterday's file and the one that is wanted.
func exportMachine(t *testing.T) *machine {
	t.Helper()
	m := peopledMachine(t)
	m.exits(0, "rolecall export -o want.csv -q")
	m.write("out.csv", "yesterday\n")
	return m
}

func peopledMachine(t *testing.T) *machine {
	t.Helper()
	return newMachine(t, emulator.Options{Deals: 400, Contacts: 50, RolesPerDeal: 6})
}

// another is a machine of the same kind, with the same org: the wanted file is as well. It is signed in, as one that
// has exported.
func (m *machine) another(t *testing.T) *machine {
	t.Helper()
	a := peopledMachine(t)
	a.exits(0, "rolecall auth status")
	a.write("want.csv", m.file("want.csv"))
	a.write("out.csv", "yesterday\n")
	return a
}

// exportFailed looks at how an export ended that had no room to write in: it names what could not be written,
// yesterday's file is there, nothing half lies about, and once there is room it can be had, by the command that is
// named if one is.
func (m *machine) exportFailed(code int, said, out string) {
	m.t.Helper()
	if code == 0 {
		if m.file(out) != m.file("want.csv") {
			m.t.Errorf("exit code 0, and the file is another one: %s", said)
		}
		return
	}
	if code != 3 && code != 2 && code != 4 {
		m.t.Errorf("exit code %d: %s", code, said)
	}
	if !strings.Contains(said, "too large") && !strings.Contains(said, "full") && !strings.Contains(said, "no space") &&
		!strings.Contains(said, "disk I/O") {
		m.t.Errorf("it does not say why: %s", said)
	}
	if !strings.Contains(said, "run.db") && !strings.Contains(said, "holder.json") &&
		!strings.Contains(said, filepath.Base(out)[:7]) {
		m.t.Errorf("it does not say what: %s", said)
	}
	if got := m.file(out); got != "yesterday\n" {
		m.t.Errorf("yesterday's file is gone: %.200q", got)
	}
	if left := append(m.left(".*.tmp"), m.left("disk/.*.tmp")...); len(left) > 0 {
		m.t.Errorf("left behind: %s", left)
	}
	again := "rolecall export -o " + out
	if _, next, found := strings.Cut(said, "go on with: "); found {
		next, _, _ = strings.Cut(next, "\n")
		again = strings.TrimSuffix(next, ")")
	}
	m.exits(0, again)
	if m.file(out) != m.file("want.csv") {
		m.t.Error("then the file is another one")
	}
}

// TestExportFileSizeLimit lets no file grow beyond a few blocks, in the list, in the reads or in the writing.
func TestExportFileSizeLimit(t *testing.T) {
	t.Parallel()
	first := exportMachine(t)
	for _, blocks := range []int{0, 8, 80, 120, 250, 600} {
		t.Run(fmt.Sprint(blocks), func(t *testing.T) {
			t.Parallel()
			m := first.another(t)
			code, said := m.sh(fmt.Sprintf("ulimit -f %d; exec rolecall export -o out.csv", blocks))
			m.exportFailed(code, said, "out.csv")
		})
	}
}

// TestExportDiskFull has no room for the output, or for what the export works with.
func TestExportDiskFull(t *testing.T) {
	t.Parallel()
	first := exportMachine(t)
	for _, kib := range []int{16, 160, 384} {
		for _, where := range []string{"output", "state"} {
			t.Run(fmt.Sprintf("%s, %d KiB", where, kib), func(t *testing.T) {
				t.Parallel()
				m := first.another(t)
				grow := m.disk(kib)
				out := "out.csv"
				if where == "output" {
					out = "disk/out.csv"
					m.write(out, "yesterday\n")
				} else {
					m.env = append(m.env, "XDG_STATE_HOME="+filepath.Join(m.dir, "disk"))
				}
				code, said := m.sh("rolecall export -o " + out)
				grow()
				m.exportFailed(code, said, out)
			})
		}
	}
}

// TestExportFullOutputs has no room, or nobody, on stdout: that is no success.
func TestExportFullOutputs(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("the test needs /dev/full, which this system does not have")
	}
	m := exportMachine(t)
	m.exits(3, "rolecall export -o - >/dev/full", "no space left", "go on with: rolecall resume")
	m.exits(3, "rolecall export -o out.csv --json >/dev/full", "no space left")
	m.exits(0, "rolecall export -o - | true")
}

// TestExportState has a state folder that cannot be written in, or that others may write in.
func TestExportState(t *testing.T) {
	t.Parallel()
	m := exportMachine(t)
	exports := filepath.Join(m.stateDir(), "exports")
	if err := os.RemoveAll(exports); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(exports, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	before := m.w.current().Stats().Credits
	m.exits(2, "rolecall export -o out.csv", exports)
	if err := os.Remove(exports); err != nil {
		t.Fatal(err)
	}
	if got := m.w.current().Stats().Credits; got != before || m.file("out.csv") != "yesterday\n" {
		t.Errorf("%d credits were spent", got-before)
	}
	// One that is open to others is refused before anything is sent, and whatever the umask is, others may read nothing
	// of what is kept.
	if err := os.Chmod(m.stateDir(), 0o777); err != nil { //nolint:gosec // The test opens it to others.
		t.Fatal(err)
	}
	before = m.w.current().Stats().Credits
	m.exits(2, "rolecall export -o out.csv", "open to other users", "chmod 700")
	if got := m.w.current().Stats().Credits; got != before {
		t.Errorf("%d credits were spent", got-before)
	}
	if err := os.Chmod(m.stateDir(), 0o700); err != nil { //nolint:gosec // A folder needs the x bit.
		t.Fatal(err)
	}
	m.exits(8, "umask 0; rolecall export -o half.csv --max-credits 100 --composite off")
	m.exits(0, "umask 0; rolecall export -o out.csv --changes changes.csv")
	m.exits(0, "umask 0; rolecall export -o book.xlsx")
	err := filepath.WalkDir(exports, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Stat(path)
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			err = fmt.Errorf("%s is %s", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	for _, name := range []string{"out.csv", "changes.csv", "book.xlsx"} {
		if info, err := os.Stat(filepath.Join(m.dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

// TestExportFoldersDamaged has what an export works with damaged before it is gone on with: an error, never a panic or
// a wrong file.
func TestExportFoldersDamaged(t *testing.T) {
	t.Parallel()
	first := exportMachine(t)
	for name, spoil := range map[string]func(path string, b []byte) error{
		"cut":   func(path string, b []byte) error { return os.WriteFile(path, b[:len(b)/2], 0o600) },
		"empty": func(path string, _ []byte) error { return os.WriteFile(path, nil, 0o600) },
		"noise": func(path string, b []byte) error {
			for i := 5000; i < len(b); i += 97 {
				b[i] ^= 0x55
			}
			return os.WriteFile(path, b, 0o600)
		},
		"a folder": func(path string, _ []byte) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := first.another(t)
			m.exits(8, "rolecall export -o out.csv --max-credits 200 --composite off")
			run := m.runs()[0]
			db := filepath.Join(run, "run.db")
			b, err := os.ReadFile(db)
			if err == nil {
				err = spoil(db, b)
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, command := range []string{"report", "resume"} {
				code, said := m.sh("rolecall " + command + " '" + run + "' --max-credits 10000")
				if command == "report" {
					code, said = m.sh("rolecall report '" + run + "'")
				}
				if code == 0 &&
					(command == "resume" && m.file("out.csv") != m.file("want.csv") || name != "noise" &&
						command == "resume") || code != 0 && code != 2 && code != 3 {
					t.Errorf("%s: exit code %d: %s", command, code, said)
				}
			}
			m.exits(0, "rolecall export -o out.csv")
			if m.file("out.csv") != m.file("want.csv") {
				t.Error("the file is another one")
			}
		})
	}
}

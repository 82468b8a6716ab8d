//go:build unix

package cli_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"rolecall/api/emulator"
)

// TestThingsInTheWay has folders where files of a run are to be, and a file where a folder is to be.
func TestThingsInTheWay(t *testing.T) {
	t.Parallel()
	m := newMachine(t, emulator.Options{})
	m.exits(2, "rolecall assign in.csv --run-dir in.csv/run", "in.csv")
	m.exits(2, "rolecall assign in.csv --run-dir in.csv", "in.csv")
	if n := m.w.current().Stats().Credits; n > 2 || len(m.w.current().SnapshotState()) > 0 {
		t.Errorf("%d credits for a run that cannot be", n)
	}
	m.exits(8, "rolecall assign in.csv --run-dir run --batch off --max-credits 300", "rolecall resume run")
	for _, name := range []string{"results.csv", "failed.csv", "summary.json", "log.jsonl"} {
		m.exits(0, "cp -r run "+name+".d && rm -f "+name+".d/"+name+" && mkdir "+name+".d/"+name)
		code, said := m.sh("rolecall resume " + name + ".d")
		if code != 2 && code != 3 || !strings.Contains(said, name) {
			t.Errorf("a folder in place of %s: exit code %d: %s", name, code, said)
		}
		m.exits(0, "rmdir "+name+".d/"+name)
		m.done(name + ".d")
	}
}

// TestReadOnly takes from the user the right to write into the current folder, and then into the run's.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	m := newMachine(t, emulator.Options{})
	m.exits(8, "rolecall assign in.csv --run-dir run --batch off --max-credits 300")
	if os.Getuid() == 0 { // whom no permission stops
		m.becomeNobody()
	}
	before, err := os.ReadFile(filepath.Join(m.dir, "run", "results.csv"))
	if err != nil {
		t.Fatal(err)
	}
	m.chmod("run", 0o500)
	m.exits(2, "rolecall resume run", "run.db", "readonly")
	after, err := os.ReadFile(filepath.Join(m.dir, "run", "results.csv"))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the results were touched: %v", err)
	}
	m.chmod("run", 0o700)
	m.chmod(".", 0o500)
	m.exits(2, "rolecall assign in.csv", "permission denied")
	m.exits(2, "rolecall assign in.csv --run-dir another", "permission denied")
	m.chmod(".", 0o700)
	m.exits(0, "chmod 400 run/run.db")
	m.exits(2, "rolecall resume run", "run.db")
	m.exits(0, "chmod 600 run/run.db")
	m.done("run")
}

func (m *machine) chmod(name string, mode fs.FileMode) {
	m.t.Helper()
	if err := os.Chmod(filepath.Join(m.dir, name), mode); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = os.Chmod(filepath.Join(m.dir, name), 0o700) })
}

// becomeNobody gives everything to the user nobody, with a rolecall that nobody can reach, and goes on as nobody.
func (m *machine) becomeNobody() {
	m.t.Helper()
	const nobody = 65534
	//nolint:usetesting // Only the owner can enter the parent of t.TempDir, and nobody must enter this folder.
	place, err := os.MkdirTemp("", "rolecall-nobody-")
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = os.RemoveAll(place) })
	self, err := os.Executable()
	if err != nil {
		m.t.Fatal(err)
	}
	m.exits(0, fmt.Sprintf("mkdir %[1]s/bin && cp %[2]s %[1]s/bin/rolecall && cp -r . %[1]s/work && "+
		"chmod 755 %[1]s %[1]s/bin/rolecall && chown -R nobody %[1]s/work && "+
		"install -d -o nobody -m 700 %[1]s/xdg", place, self))
	m.dir, m.as = filepath.Join(place, "work"), &syscall.Credential{Uid: nobody, Gid: nobody}
	m.env = append(m.env, "PATH="+filepath.Join(place, "bin")+":"+os.Getenv("PATH"),
		"XDG_STATE_HOME="+filepath.Join(place, "xdg"), "HOME="+place, "TMPDIR="+filepath.Join(place, "xdg"))
}

// TestDamagedRun gives the exit codes to what is wrong with a run's files: 2, and nothing is sent.
func TestDamagedRun(t *testing.T) {
	t.Parallel()
	m := newMachine(t, emulator.Options{})
	m.exits(8, "rolecall assign in.csv --run-dir run --batch off --max-credits 300")
	for name, damage := range map[string]string{
		"emptied":   ": >run.db",
		"text":      "echo deal_id,contact_id >run.db",
		"cut":       "truncate -s 6000 run.db",
		"newer":     `printf '\143' | dd of=run.db bs=1 seek=63 conv=notrunc 2>dd`,
		"no run.db": "rm run.db",
		"no input":  "rm input.csv",
		"input":     "echo 1,2,Purchasing >>input.csv",
	} {
		m.exits(0, "cp -r run '"+name+"' && cd '"+name+"' && "+damage)
		calls := m.w.current().Stats().Credits
		m.exits(2, "rolecall resume '"+name+"'", "rolecall: ")
		m.exits(2, "rolecall report '"+name+"'", "rolecall: ")
		if n := m.w.current().Stats().Credits - calls; n != 0 {
			t.Errorf("%s: %d calls", name, n)
		}
		m.whole(name)
	}
	m.done("run")
}

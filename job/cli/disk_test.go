//go:build unix

package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rolecall/api/emulator"
)

// full looks at how a command ended that had no room to write in.
func (m *machine) full(code int, said, run string) {
	m.t.Helper()
	why := slices.ContainsFunc([]string{"file too large", "no space left", "disk is full", "disk I/O"},
		func(s string) bool { return strings.Contains(said, s) })
	if code != 0 &&
		(code != 3 || !why || !strings.Contains(said, "run.db") && !strings.Contains(said, ".csv") &&
			!strings.Contains(said, "jsonl")) {
		m.t.Errorf("exit code %d, want 3 and what could not be written: %s", code, said)
	}
	if strings.Contains(said, "in.csv:") {
		m.t.Errorf("the user's file is blamed: %s", said)
	}
	if _, err := os.Stat(filepath.Join(m.dir, run)); err != nil {
		if code == 0 || len(m.w.current().SnapshotState()) != 0 {
			m.t.Errorf("exit code %d without a run's folder, %d deals changed: %s", code,
				len(m.w.current().SnapshotState()), said)
		}
		if left := m.left(".rolecall-*"); len(left) > 0 {
			m.t.Errorf("left behind: %s", left)
		}
		m.exits(0, "rolecall assign in.csv --run-dir "+run)
	} else if m.whole(run) != (code == 0) && code == 0 {
		m.t.Errorf("exit code 0 without results: %s", said)
	} else if code != 0 && !strings.Contains(said, "rolecall resume") && !strings.Contains(said, "rolecall report") {
		m.t.Errorf("nothing to go on with: %s", said)
	}
	m.done(run)
}

// TestFileSizeLimit lets no file grow beyond a few blocks of 512 bytes, in the survey, in the calls or in the writing
// of results: no signal kills, no half file stands, and resume completes.
func TestFileSizeLimit(t *testing.T) {
	t.Parallel()
	for _, blocks := range []int{0, 1, 4, 20, 60, 61, 80, 100, 120, 140, 160, 200, 250, 300, 400} {
		t.Run(fmt.Sprint(blocks), func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, emulator.Options{})
			code, said := m.sh(fmt.Sprintf("ulimit -f %d; exec rolecall assign in.csv --run-dir run", blocks))
			m.full(code, said, "run")
		})
	}
}

// TestFileSizeLimitOfResume does the same to a run that stopped: its results stay as they were or become whole.
func TestFileSizeLimitOfResume(t *testing.T) {
	t.Parallel()
	for _, blocks := range []int{0, 20, 60, 100, 140, 200} {
		t.Run(fmt.Sprint(blocks), func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, emulator.Options{})
			m.exits(8, "rolecall assign in.csv --run-dir run --batch off --max-credits 300")
			code, said := m.sh(fmt.Sprintf("ulimit -f %d; exec rolecall resume run --max-credits 100000", blocks))
			if code != 0 && code != 3 || !m.whole("run") {
				t.Errorf("exit code %d, or the results of before are gone: %s", code, said)
			}
			m.done("run")
		})
	}
}

// TestDiskFull has a disk of a few pages, and grows it afterwards.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	for _, kib := range []int{8, 32, 64, 128, 192, 256, 384} {
		t.Run(fmt.Sprintf("%d KiB", kib), func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, emulator.Options{})
			grow := m.disk(kib)
			code, said := m.sh("rolecall assign in.csv --run-dir disk/run")
			grow()
			m.full(code, said, "disk/run")
		})
	}
}

// TestDiskFullInMidRun fills the disk while calls are under way: the run ends with what it had recorded, and says how
// to go on.
func TestDiskFullInMidRun(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"assign", "remove"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, emulator.Options{Latency: 20 * time.Millisecond})
			grow := m.disk(1024)
			flags := " --read-first off"
			if command == "remove" {
				flags = " --yes --max-delete 100%"
				m.exits(0, "rolecall assign in.csv --run-dir setup")
			}
			before := m.w.current().Stats().Credits
			var wg sync.WaitGroup
			wg.Go(func() {
				m.until(func() bool { return m.w.current().Stats().Credits > before+20 })
				m.sh("dd if=/dev/zero of=disk/filler bs=4096 2>dd")
			})
			code, said := m.sh("rolecall " + command + " in.csv --run-dir disk/run --concurrency 5" + flags)
			wg.Wait()
			if code != 3 || !strings.Contains(said, "full") && !strings.Contains(said, "space") ||
				!strings.Contains(said, "rolecall resume disk/run") {
				t.Errorf("exit code %d, want 3, the reason and how to go on: %s", code, said)
			}
			grow()
			if command == "assign" {
				m.done("disk/run")
				return
			}
			m.exits(0, "rolecall resume disk/run")
			if n := len(m.w.current().SnapshotState()); n != 0 || !m.whole("disk/run") {
				t.Errorf("%d deals still have contacts", n)
			}
		})
	}
}

// disk mounts a small file system as the folder disk. What it returns makes it large.
func (m *machine) disk(kib int) (grow func()) {
	m.t.Helper()
	disk := filepath.Join(m.dir, "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		m.t.Fatal(err)
	}
	mount := func(options string) error {
		return exec.Command("mount", "-t", "tmpfs", "-o", options, "rolecall-test", disk).Run()
	}
	if err := mount(fmt.Sprintf("size=%dk", kib)); err != nil {
		m.t.Skipf("the test needs a small file system, and mount failed: %v", err)
	}
	m.t.Cleanup(func() { _ = exec.Command("umount", "-l", disk).Run() })
	return func() {
		if err := mount("remount,size=64m"); err != nil {
			m.t.Fatal(err)
		}
	}
}

// TestFullOutputs has no room where the results and the summary are copied to: that is told and no success, and the
// run's own files are whole.
func TestFullOutputs(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("the test needs /dev/full, which this system does not have")
	}
	for name, line := range map[string]string{
		"results to stdout":   "rolecall assign in.csv --run-dir run --results - >/dev/full",
		"results to a device": "rolecall assign in.csv --run-dir run --results /dev/full",
		"summary to stdout":   "rolecall assign in.csv --run-dir run --json >/dev/full",
		"results to nobody":   "rolecall assign in.csv --run-dir run --results - | true",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, emulator.Options{})
			if name == "results to nobody" { // the signal ends the process, as any in a pipe
				m.exits(0, line)
			} else {
				m.exits(3, line, "no space left")
			}
			if !m.whole("run") {
				t.Error("the run's own results are not there")
			}
			m.done("run")
		})
	}
}

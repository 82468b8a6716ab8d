package rundir

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"rolecall/job/rundb"
)

func TestNameFor(t *testing.T) {
	t.Chdir(t.TempDir())
	now := time.Date(2026, 11, 22, 11, 15, 0, 0, time.FixedZone("CET", 3600))
	for _, test := range []struct{ input, want string }{
		{"/data/deal_roles.csv", "deal_roles-assign-20261122T101500Z"},
		{"roles.csv.gz", "roles-assign-20261122T101500Z"},
		{"-", "stdin-assign-20261122T101500Z"},
	} {
		if got, _, err := NameFor("", test.input, "assign", now); err != nil || got != test.want {
			t.Errorf("%s: %q, %v", test.input, got, err)
		}
	}
	for i, want := range []string{
		"a-remove-20261122T101500Z", "a-remove-20261122T101500Z-2", "a-remove-20261122T101500Z-3",
	} {
		got, _, err := NameFor("", "a.csv", "remove", now)
		if err != nil || got != want {
			t.Fatalf("folder %d: %q, %v", i+1, got, err)
		}
		if err := os.Mkdir(got, 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSweepFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	old, young, other := filepath.Join(dir, ".rolecall-1.tmp"), filepath.Join(dir, ".rolecall-2.tmp"), filepath.Join(
		dir, "rolecall-3.tmp",
	)
	for _, path := range []string{old, young, other} {
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	longAgo := time.Now().Add(-25 * time.Hour)
	for _, path := range []string{old, other} {
		if err := os.Chtimes(path, longAgo, longAgo); err != nil {
			t.Fatal(err)
		}
	}
	// An old folder that a process holds is a survey that still waits for its input.
	held := filepath.Join(dir, ".rolecall-4.tmp")
	if err := os.Mkdir(held, 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := rundb.Create(filepath.Join(held, Database))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := os.Chtimes(held, longAgo, longAgo); err != nil {
		t.Fatal(err)
	}
	sweepFolders(dir, time.Now())
	if _, err := os.Stat(held); err != nil {
		t.Error(err)
	}
	for path, stays := range map[string]bool{old: false, young: true, other: true} {
		if _, err := os.Stat(path); (err == nil) != stays {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// Two runs of one file in the same second both get a folder.
func TestAppearTakesTheNextName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	base := filepath.Join(dir, "a-assign-20261122T101500Z")
	var folders []*Dir
	for range 3 {
		f, err := New(base, base)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.File("x"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		folders = append(folders, f)
	}
	for i, want := range []string{base, base + "-2", base + "-3"} {
		if err := folders[i].Appear(); err != nil || folders[i].Path != want {
			t.Errorf("%s: %v", folders[i].Path, err)
		}
	}
	chosen, err := New(base, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := chosen.Appear(); !isUsage(err) {
		t.Errorf("a name that the user chose: %v", err)
	}
}

// A name that the operating system refuses or changes is refused before the run does anything.
func TestNewRefusesNames(t *testing.T) {
	t.Parallel()
	names := []string{strings.Repeat("n", 300)}
	if runtime.GOOS == "windows" {
		names = append(names, "q?x", "y ", "y.", "con", "nul.x", "a:b", "a|b", `a"b`, "a*", "a<b")
	}
	for _, name := range names {
		dir := t.TempDir()
		if _, err := New(filepath.Join(dir, name), ""); !isUsage(err) || !strings.Contains(err.Error(), "--run-dir") {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%s: left behind: %v", name, left)
		}
	}
	for _, name := range []string{"con-assign", "a b", ".hidden", "ünï", "r.1"} {
		dir := t.TempDir()
		f, err := New(filepath.Join(dir, name), "")
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Appear(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Clean-up removes folders of rolecall's exact names that belong to this user. It follows no link, and takes no
// character of a folder's path for a pattern.
func TestSweepFoldersRemovesNothingElse(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	parent, other := filepath.Join(root, "a[b]*"), filepath.Join(root, "ab")
	if runtime.GOOS == "windows" {
		parent = filepath.Join(root, "a[b]")
	}
	longAgo := time.Now().Add(-25 * time.Hour)
	stays := []string{
		filepath.Join(parent, ".rolecall-mine.tmp"), filepath.Join(parent, ".rolecall-1.tmp.d"),
		filepath.Join(parent, ".rolecall-12345678901.tmp"), filepath.Join(other, ".rolecall-1.tmp"),
	}
	goes := filepath.Join(parent, ".rolecall-7.tmp")
	for _, path := range append(stays, goes, filepath.Join(parent, ".rolecall-8.tmp")) {
		if err := errors.Join(os.MkdirAll(path, 0o700), os.Chtimes(path, longAgo, longAgo)); err != nil {
			t.Fatal(err)
		}
	}
	if os.Geteuid() == 0 {
		stays = append(stays, filepath.Join(parent, ".rolecall-8.tmp"))
		if err := os.Chown(filepath.Join(parent, ".rolecall-8.tmp"), 1001, -1); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(parent, ".rolecall-9.tmp")
	if os.Symlink(other, link) == nil {
		stays = append(stays, link)
	}
	sweepFolders(parent, time.Now())
	for _, path := range stays {
		if _, err := os.Lstat(path); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Lstat(goes); err == nil {
		t.Errorf("%s is left", goes)
	}
}

// Sweep removes what rolecall left half written in a run's folder, and no file of the user's there.
func TestSweepOfARun(t *testing.T) {
	t.Parallel()
	f := &Dir{Path: filepath.Join(t.TempDir(), "run[1]")}
	if err := os.MkdirAll(f.File(".xlsx-12.tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	stays := []string{".notes.tmp", ".results.csv.1.tmp", "run.db", ".sheet-x.tmp"}
	for _, name := range append(stays, ".results.csv.rolecall-1.tmp", ".sheet-3.tmp") {
		if err := os.WriteFile(f.File(name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f.Sweep()
	for _, name := range stays {
		if _, err := os.Stat(f.File(name)); err != nil {
			t.Error(err)
		}
	}
	if left, _ := os.ReadDir(f.Path); len(left) != len(stays) {
		t.Errorf("left: %v", left)
	}
}

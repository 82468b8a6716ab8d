package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"rolecall/job/cli/profile"
)

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func newFindings(t *testing.T) (*findings, *clock) {
	t.Helper()
	c := newClock()
	return &findings{path: filepath.Join(t.TempDir(), "findings-v8", "org.json"), now: c.now}, c
}

// What was found out is believed for a day, each thing from its own moment on, and by the next process as well.
func TestFindingsLastADay(t *testing.T) {
	t.Parallel()
	f, c := newFindings(t)
	if got := f.Recall("a"); got != "" {
		t.Errorf("before anything was found: %q", got)
	}
	f.Remember("a", "merges")
	c.pass(10 * time.Hour)
	f.Remember("b", "works")
	for _, step := range []struct {
		pass time.Duration
		a, b string
	}{
		{0, "merges", "works"},
		{14*time.Hour - time.Nanosecond, "merges", "works"},
		{time.Nanosecond, "", "works"}, // a day of a's
		{10*time.Hour - time.Nanosecond, "", "works"},
		{time.Nanosecond, "", ""},
		{1000 * time.Hour, "", ""},
	} {
		c.pass(step.pass)
		another := &findings{path: f.path, now: c.now}
		for _, known := range []*findings{f, another} {
			if a, b := known.Recall("a"), known.Recall("b"); a != step.a || b != step.b {
				t.Errorf("after %s: %q and %q, want %q and %q", step.pass, a, b, step.a, step.b)
			}
		}
	}
	f.Remember("a", "refused")
	if got := f.Recall("a"); got != "refused" {
		t.Errorf("found again: %q", got)
	}
}

// What is newer counts, and what the clock says is found only later does not: it was set back.
func TestFindingsAndTheClock(t *testing.T) {
	t.Parallel()
	f, c := newFindings(t)
	f.Remember("a", "merges")
	f.Remember("a", "refused")
	if got := f.Recall("a"); got != "refused" {
		t.Errorf("got %q", got)
	}
	c.pass(-time.Second)
	if got := f.Recall("a"); got != "" {
		t.Errorf("from the future: %q", got)
	}
	c.pass(time.Second)
	if got := f.Recall("a"); got != "refused" {
		t.Errorf("with the clock right again: %q", got)
	}
}

// A file that cannot be read is nothing known, and the next finding makes it one that can.
func TestDamagedFindings(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty": "", "no JSON": "\x00\x01", "half": `{"a":{"finding":"merges","at":"2026-03-01T1`, "a list": `[1,2]`, "another type": `{"a":5}`,
		"no time": `{"a":{"finding":"merges"}}`, "a broken time": `{"a":{"finding":"merges","at":"yesterday"}}`, "a number": `7`, "an empty object": `{}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, _ := newFindings(t)
			if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(f.path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := f.Recall("a"); got != "" {
				t.Errorf("got %q from it", got)
			}
			f.Remember("b", "works")
			if got := f.Recall("b"); got != "works" {
				t.Errorf("remembered as %q", got)
			}
		})
	}
}

// The file is its owner's alone, and whole at any time; what cannot be written is forgotten without trouble.
func TestFindingsAreKeptPrivately(t *testing.T) {
	t.Parallel()
	f, _ := newFindings(t)
	f.Remember("a", "merges")
	f.Remember("b", "works")
	if runtime.GOOS != "windows" {
		for path, want := range map[string]os.FileMode{f.path: 0o600, filepath.Dir(f.path): 0o700} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: mode %v, %v; want %v", path, info.Mode().Perm(), err, want)
			}
		}
	}
	left, err := os.ReadDir(filepath.Dir(f.path))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	nowhere := &findings{path: filepath.Join(f.path, "below a file", "org.json"), now: f.now}
	nowhere.Remember("a", "merges")
	if got := nowhere.Recall("a"); got != "" {
		t.Errorf("from nowhere: %q", got)
	}
}

// Many workers find things out at once.
func TestFindingsAtOnce(t *testing.T) {
	t.Parallel()
	f, _ := newFindings(t)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			what := fmt.Sprint("what ", i)
			f.Remember(what, "found")
			if got := f.Recall(what); got != "found" {
				t.Errorf("%s: %q", what, got)
			}
		})
	}
	wg.Wait()
	again := &findings{path: f.path, now: f.now}
	for i := range 20 {
		if got := again.Recall(fmt.Sprint("what ", i)); got != "found" {
			t.Errorf("%d: %q", i, got)
		}
	}
}

// Findings are kept by org and by API version, below the state folder.
func TestFindingsOfAnOrg(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	paths := map[string]string{}
	for name, at := range map[string]struct {
		version, org, url, client string
	}{
		"one": {"v8", "1", "https://a", "c"}, "another org": {"v8", "2", "https://a", "c"}, "another version": {"v7", "1", "https://a", "c"}, "another server": {"v8", "1", "https://b", "c"},
		"an org not known": {"v8", "", "https://a", "c"}, "by another client": {"v8", "", "https://a", "d"},
	} {
		f, err := p.findings(placeOf(t, at.version, at.url, at.client), at.org)
		if err != nil {
			t.Fatal(err)
		}
		if other, taken := paths[f.path]; taken {
			t.Errorf("%s and %s share %s", name, other, f.path)
		}
		paths[f.path] = name
		if !strings.HasPrefix(f.path, p.getenv("XDG_STATE_HOME")) || !strings.Contains(f.path, at.version) {
			t.Errorf("%s: %s", name, f.path)
		}
	}
	same, err := p.findings(placeOf(t, "v8", "https://a", "another client of it"), "1")
	if err != nil || paths[same.path] != "one" {
		t.Errorf("another client of the same org keeps it in %s, %v", same.path, err)
	}
	unset, err := p.findings(profile.Place{APIURL: "https://a"}, "1") // the zero version is the newest
	if err != nil || paths[unset.path] != "one" {
		t.Errorf("without a version it is kept in %s, %v", unset.path, err)
	}
}

// JSON that is nothing is a damaged file as any other.
func TestFindingsOfNull(t *testing.T) {
	t.Parallel()
	f, _ := newFindings(t)
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.path, []byte("null"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.Remember("a", "merges")
	if got := f.Recall("a"); got != "merges" {
		t.Errorf("remembered as %q", got)
	}
}

package machine

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// A finding is valid for a day from its own time on, also in the next process.
func TestFindingsLastADay(t *testing.T) {
	t.Parallel()
	m, c := newMachine(t)
	f := m.Findings("org", "v8")
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
		for _, known := range []*Findings{f, m.another().Findings("org", "v8")} {
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

// The newest finding counts. A finding from the future does not count, because the clock was set back.
func TestFindingsAndTheClock(t *testing.T) {
	t.Parallel()
	m, c := newMachine(t)
	f := m.Findings("org", "v8")
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

// Findings are stored by org and by API version.
func TestFindingsOfAnOrg(t *testing.T) {
	t.Parallel()
	m, _ := newMachine(t)
	for _, f := range []*Findings{m.Findings("1", "v8"), m.Findings("2", "v8"), m.Findings("1", "v7")} {
		if got := f.Recall("a"); got != "" {
			t.Errorf("%s, %s knows %q of another", f.org, f.version, got)
		}
		f.Remember("a", f.org+f.version)
		if got := m.another().Findings(f.org, f.version).Recall("a"); got != f.org+f.version {
			t.Errorf("%s, %s: %q", f.org, f.version, got)
		}
	}
}

// A damaged database has no findings. The next finding makes a new database.
func TestDamagedFindings(t *testing.T) {
	t.Parallel()
	for name, damage := range damages() {
		for _, first := range []string{"read", "write"} {
			t.Run(name+", "+first, func(t *testing.T) {
				t.Parallel()
				m, _ := newMachine(t)
				f := m.Findings("org", "v8")
				f.Remember("a", "merges")
				damage(t, m)
				if first == "read" {
					if got := f.Recall("a"); got != "" {
						t.Errorf("got %q from it", got)
					}
				}
				f.Remember("b", "works")
				if a, b := f.Recall("a"), f.Recall("b"); a != "" || b != "works" {
					t.Errorf("%q and %q", a, b)
				}
			})
		}
	}
	m, _ := newMachine(t)
	f := m.Findings("org", "v8")
	for _, at := range []string{"", "yesterday", "5"} {
		f.Remember("a", "merges")
		m.exec(t, "UPDATE findings SET found_at = '"+at+"'")
		if got := f.Recall("a"); got != "" {
			t.Errorf("found at %q: %q", at, got)
		}
	}
}

// A finding that cannot be written is forgotten without trouble.
func TestFindingsNowhere(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := In(filepath.Join(file, "state")).Findings("org", "v8")
	f.Remember("a", "merges")
	if got := f.Recall("a"); got != "" {
		t.Errorf("from nowhere: %q", got)
	}
}

// Many workers find things out at once.
func TestFindingsAtOnce(t *testing.T) {
	t.Parallel()
	m, _ := newMachine(t)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			f := m.another().Findings("org", "v8")
			what := fmt.Sprint("what ", i)
			f.Remember(what, "found")
			if got := f.Recall(what); got != "found" {
				t.Errorf("%s: %q", what, got)
			}
		})
	}
	wg.Wait()
	for i := range 20 {
		if got := m.Findings("org", "v8").Recall(fmt.Sprint("what ", i)); got != "found" {
			t.Errorf("%d: %q", i, got)
		}
	}
}

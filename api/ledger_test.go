package api

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// clock is a time that a test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// tester is a *testing.T or a *rapid.T.
type tester interface {
	Helper()
	Fatal(...any)
}

func openLedger(t tester, path string, now func() time.Time) *Ledger {
	t.Helper()
	l, err := OpenLedger(path, now)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// spend spends n credits as a pacer does, most being allowed, and gives how many
// it got.
func spend(t tester, l *Ledger, n, most int) int {
	t.Helper()
	for i := range n {
		if l.lacks(1) {
			if got, err := l.renew(most, 1); err != nil {
				t.Fatal(err)
			} else if got == 0 {
				return i
			}
		}
		l.take(1)
	}
	return n
}

func spentIn(t tester, l *Ledger) int {
	t.Helper()
	n, err := l.Spent()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestLedgerIsShared(t *testing.T) {
	t.Parallel()
	c := &clock{start()}
	folder := filepath.Join(t.TempDir(), "credits")
	path := filepath.Join(folder, "org.json")
	a, b := openLedger(t, path, c.Now), openLedger(t, path, c.Now)
	spend(t, a, 7, math.MaxInt)
	if got := spentIn(t, a); got != 7 {
		t.Errorf("a says %d, it spent 7", got)
	}
	// What a took is counted by others before it is spent, or a kill would lose it.
	if got := spentIn(t, b); got != leaseFirst {
		t.Errorf("b says %d, a took %d", got, leaseFirst)
	}
	spend(t, b, 3, math.MaxInt)
	for _, l := range []*Ledger{a, b, a} { // to close twice does nothing
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got := spentIn(t, openLedger(t, path, c.Now)); got != 10 {
		t.Errorf("after both are closed: %d, want 10", got)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for name, want := range map[string]os.FileMode{folder: 0o700, path: 0o600, path + ".lock": 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// No credit comes back before 24 hours, and each within a minute after.
func TestLedgerRolls(t *testing.T) {
	t.Parallel()
	c := &clock{start().Add(59 * time.Second)}
	l := openLedger(t, filepath.Join(t.TempDir(), "org.json"), c.Now)
	spend(t, l, 5, math.MaxInt)
	c.now = c.now.Add(time.Hour)
	spend(t, l, 20, math.MaxInt)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	first := start().Add(24*time.Hour + time.Minute)
	for n, want := range map[int]time.Time{1: first, 5: first, 6: first.Add(time.Hour), 25: first.Add(time.Hour)} {
		if at, ok := l.returns(n); !ok || !at.Equal(want) {
			t.Errorf("%d come back at %v, want %v", n, at.UTC(), want)
		}
	}
	if at, ok := l.returns(26); ok {
		t.Errorf("26 come back at %v, 25 were spent", at)
	}
	for _, step := range []struct {
		at   time.Time
		want int
	}{
		{start().Add(59*time.Second + 24*time.Hour), 25},
		{first.Add(-time.Nanosecond), 25},
		{first, 20},
		{first.Add(time.Hour), 0},
	} {
		c.now = step.at
		if got := spentIn(t, l); got != step.want {
			t.Errorf("at %v: %d, want %d", step.at, got, step.want)
		}
	}
}

func TestLedgerClockJumps(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, c := range []struct {
		name string
		jump []time.Duration // from the beginning
		want int
	}{
		{"back", []time.Duration{-3 * day}, 40},
		{"far ahead and back", []time.Duration{30 * time.Hour, 0}, 40},
		{"ahead, back", []time.Duration{10 * time.Hour, 0}, 40},
		{"back for more than a day", []time.Duration{-3 * day, -2*day + 5*time.Minute}, 0},
		{"ahead", []time.Duration{day + 5*time.Minute}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := &clock{start()}
			l := openLedger(t, filepath.Join(t.TempDir(), "org.json"), k.Now)
			spend(t, l, 40, math.MaxInt)
			spent := 40
			for _, jump := range c.jump {
				// Each process writes in its own time.
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
				k.now = start().Add(jump)
				spend(t, l, 1, math.MaxInt)
				spent++
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			// The one of the last jump counts, and so do those before as wanted.
			if got := spentIn(t, l); got < c.want+1 || got > spent || c.want == 0 && got > len(c.jump) {
				t.Errorf("%d, want %d of %d", got, c.want+1, spent)
			}
		})
	}
}

// A file that makes no sense is started afresh, said once, and replaced.
func TestLedgerDamaged(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty":         "",
		"no JSON":       "PK\x03\x04",
		"torn":          `{"format":1,"credits_by_minute":{"29380`,
		"format":        `{"format":2,"credits_by_minute":{"29380123":5}}`,
		"negative":      `{"format":1,"credits_by_minute":{"29380123":-5}}`,
		"absurd":        `{"format":1,"credits_by_minute":{"29380123":9000000000000000}}`,
		"no minute":     `{"format":1,"credits_by_minute":{"noon":5}}`,
		"fraction":      `{"format":1,"credits_by_minute":{"29380123":0.5}}`,
		"far too large": strings.Repeat(" ", largestLedger) + `{"format":1}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "org.json")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			c := &clock{start()}
			l := openLedger(t, path, c.Now)
			if w := l.Warning(); !errors.Is(w, errDamaged) || !strings.Contains(w.Error(), path) {
				t.Errorf("warning: %v", w)
			}
			spend(t, l, 5, math.MaxInt)
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			again := openLedger(t, path, c.Now)
			if got := spentIn(t, again); got != 5 || again.Warning() != nil {
				t.Errorf("%d, %v", got, again.Warning())
			}
		})
	}
}

// A file that is damaged while a process is at work loses nothing of what that
// process knows.
func TestLedgerDamagedMeanwhile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "org.json")
	c := &clock{start()}
	l := openLedger(t, path, c.Now)
	spend(t, l, 30, math.MaxInt)
	if err := os.WriteFile(path, []byte("?"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := spentIn(t, l); got != 30 || l.Warning() == nil {
		t.Errorf("%d, %v", got, l.Warning())
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := spentIn(t, openLedger(t, path, c.Now)); got != 30 {
		t.Errorf("written: %d", got)
	}
}

func TestLedgerThatCannotBeKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "org.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(file, "org.json"), filepath.Join(folder, "org.json")} {
		if _, err := OpenLedger(path, time.Now); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// Leases grow with the pace, are bounded, and shrink again.
func TestLedgerLeases(t *testing.T) {
	t.Parallel()
	c := &clock{start()}
	l := newLedger("", c.Now)
	var leases []int
	for range 8 {
		got, err := l.renew(math.MaxInt, 1)
		if err != nil {
			t.Fatal(err)
		}
		leases = append(leases, got)
		l.take(l.lease)
	}
	if leases[0] != leaseFirst || leases[1] != 2*leaseFirst || leases[7] != leaseMost {
		t.Errorf("fast: %v", leases)
	}
	c.now = c.now.Add(leaseLasts)
	if got, err := l.renew(math.MaxInt, 1); err != nil || got != leaseFirst {
		t.Errorf("slow: %d, %v", got, err)
	}
	l.take(l.lease)
	// Of what is allowed no more than is left is taken.
	if got, err := l.renew(l.spent()+3, 1); err != nil || got != 3 {
		t.Errorf("near the bound: %d, %v", got, err)
	}
}

// Several handles in any order, with a clock that only goes on: what is spent in
// 24 hours is never counted too low, nor too high by more than what is leased
// and the minute; and no more is spent than allowed.
func TestLedgerAgainstModel(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var runs atomic.Int64
	rapid.Check(t, func(t *rapid.T) {
		path := filepath.Join(folder, strconv.FormatInt(runs.Add(1), 10)+".json")
		c := &clock{start()}
		handles := make([]*Ledger, rapid.IntRange(1, 3).Draw(t, "handles"))
		for i := range handles {
			handles[i] = openLedger(t, path, c.Now)
		}
		most := rapid.IntRange(1, 400).Draw(t, "most")
		var model []time.Time // of every credit
		within := func(d time.Duration) (n int) {
			for _, at := range model {
				if c.now.Sub(at) <= d {
					n++
				}
			}
			return n
		}
		leased := 0 // by processes that were killed
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			c.now = c.now.Add(time.Duration(rapid.IntRange(0, 5*3600).Draw(t, "seconds")) * time.Second)
			i := rapid.IntRange(0, len(handles)-1).Draw(t, "handle")
			switch rapid.SampledFrom([]string{"spend", "spend", "close", "kill"}).Draw(t, "what") {
			case "spend":
				for range spend(t, handles[i], rapid.IntRange(1, 120).Draw(t, "credits"), most) {
					model = append(model, c.now)
				}
			case "close":
				if err := handles[i].Close(); err != nil {
					t.Fatal(err)
				}
			case "kill":
				leased += max(0, handles[i].left)
				handles[i] = openLedger(t, path, c.Now)
			}
			held := leased
			for _, h := range handles {
				held += max(0, h.left)
			}
			got := spentIn(t, handles[i])
			if least := within(24 * time.Hour); got < least {
				t.Fatalf("says %d, %d were spent", got, least)
			}
			if now := within(24 * time.Hour); now > most {
				t.Fatalf("%d were spent, %d allowed", now, most)
			}
			if top := within(24*time.Hour+time.Minute) + held; got > top {
				t.Fatalf("says %d, at most %d", got, top)
			}
		}
	})
}

func FuzzLedgerFile(f *testing.F) {
	for _, s := range []string{"", "{}", `{"format":1}`, `{"format":1,"credits_by_minute":{"1":2,"-3":4}}`, `{"format":1,"credits_by_minute":null}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, ok := parseLedger(data)
		if !ok {
			return
		}
		m.tidy(minuteOf(start()))
		if m.sum(minuteOf(start())) < 0 {
			t.Errorf("%q: below zero", data)
		}
		written, err := json.Marshal(ledgerContent{Format: ledgerFormat, Minutes: m})
		if err != nil {
			t.Fatal(err)
		}
		again, ok := parseLedger(written)
		if !ok || again.sum(minuteOf(start())) != m.sum(minuteOf(start())) {
			t.Errorf("%q: written %q, and read otherwise", data, written)
		}
	})
}

const ledgerHelper = "ROLECALL_TEST_LEDGER"

// TestLedgerHelper is a process of its own: see TestLedgerOfManyProcesses.
func TestLedgerHelper(t *testing.T) { //nolint:paralleltest // alone in its process
	path := os.Getenv(ledgerHelper)
	if path == "" {
		t.Skip("runs in a process of its own")
	}
	l := openLedger(t, path, time.Now)
	for range 4 * leaseFirst {
		spend(t, l, 1, math.MaxInt)
		l.at = time.Time{} // small leases, so that the processes meet often
	}
	if os.Getenv(ledgerHelper+"_KILL") != "" {
		os.Exit(0) // as a kill would end it: nothing is given back
	}
	spend(t, l, 1, math.MaxInt)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestLedgerOfManyProcesses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "org.json")
	var wg sync.WaitGroup
	const processes = 6
	for i := range processes {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			c := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestLedgerHelper$")
			c.Env = append(os.Environ(), ledgerHelper+"="+path)
			if i%2 == 0 {
				c.Env = append(c.Env, ledgerHelper+"_KILL=1")
			}
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	if got, want := spentIn(t, openLedger(t, path, time.Now)), processes*4*leaseFirst+processes/2; got != want {
		t.Errorf("%d, want %d", got, want)
	}
}

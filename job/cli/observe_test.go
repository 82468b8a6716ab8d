package cli_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// How long a script waits for something that must happen, and how often it looks. The wait is far beyond what a busy
// machine needs.
const (
	patience = 20 * time.Second
	lookEach = 5 * time.Millisecond
)

// cmdStats is: stats. It prints the emulator's counts, a line each, calls first.
func cmdStats(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: stats")
	}
	w := worldOf(ts)
	s := w.current().Stats()
	out := ts.Stdout()
	w.mu.Lock()
	defer w.mu.Unlock()
	fmt.Fprintf(out, "revoked %d\n", w.ended)
	for _, call := range slices.Sorted(maps.Keys(s.Calls)) {
		fmt.Fprintf(out, "%s %d\n", call, s.Calls[call])
	}
	if s.Voice != nil {
		for _, call := range slices.Sorted(maps.Keys(s.Voice.Calls)) {
			fmt.Fprintf(out, "voice %s %d\n", call, s.Voice.Calls[call])
		}
	}
	fmt.Fprintf(out, "credits %d\nmax_in_flight %d\ntokens_issued %d\ntoo_many_requests %d\n", s.Credits, s.MaxInFlight,
		s.TokensIssued, s.TooManyRequests)
}

// cmdState is: state. It prints who plays which role, a line each: deal, contact, role.
func cmdState(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: state")
	}
	state := worldOf(ts).current().SnapshotState()
	out := ts.Stdout() // taken also when nothing is printed: else the output of the command before would stay
	for _, deal := range slices.Sorted(maps.Keys(state)) {
		for _, contact := range slices.Sorted(maps.Keys(state[deal])) {
			fmt.Fprintf(out, "%s %s %s\n", deal, contact, state[deal][contact].Name)
		}
	}
}

// cmdUntil is: until METHOD N. It waits until so many calls of the method have arrived at the emulator, or since "hold"
// at its door. In place of a method it takes a whole call as "stats" prints it.
func cmdUntil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: until METHOD N")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	waitFor(ts, func() bool {
		w := worldOf(ts)
		w.mu.Lock()
		arrived := w.held
		w.mu.Unlock()
		calls := w.current().Stats().Calls
		if v := w.current().Stats().Voice; v != nil {
			calls = v.Calls
		}
		for call, count := range calls {
			if call == args[0] || strings.HasPrefix(call, args[0]+" ") {
				arrived += count
			}
		}
		return arrived >= n
	})
}

// waitFor waits until something is so.
func waitFor(ts *testscript.TestScript, so func() bool) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(lookEach)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			ts.Fatalf("it did not happen within %s", patience)
		}
	}
}

// cmdURL is: url FILE. It waits until the file has its first line, and puts that into $URL.
func cmdURL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: url FILE")
	}
	waitFor(ts, func() bool {
		text, _ := os.ReadFile(ts.MkAbs(args[0]))
		line, _, whole := strings.Cut(string(text), "\n")
		if whole {
			ts.Setenv("URL", line)
		}
		return whole
	})
}

// cmdAppears is: appears PATTERN. It waits until there is a file that fits.
func cmdAppears(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: appears PATTERN")
	}
	waitFor(ts, func() bool {
		found, err := filepath.Glob(ts.MkAbs(args[0]))
		ts.Check(err)
		return len(found) > 0
	})
}

// cmdWritten is: written FILE PATTERN. It waits until something in the file fits.
func cmdWritten(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: written FILE PATTERN")
	}
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	waitFor(ts, func() bool {
		text, _ := os.ReadFile(ts.MkAbs(args[0]))
		return pattern.Match(text)
	})
}

// cmdEnds is: ends. It waits until the command that got the signal is over. "wait" does so as well, but for ever.
func cmdEnds(ts *testscript.TestScript, neg bool, args []string) {
	last := worldOf(ts).last
	if neg || len(args) != 0 || last == nil {
		ts.Fatalf("usage: ends, after signal")
	}
	waitFor(ts, func() bool { return errors.Is(last.Process.Signal(syscall.Signal(0)), os.ErrProcessDone) })
}

// cmdGet is: get URL. It prints the body of the answer.
func cmdGet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: get URL")
	}
	res, err := http.Get(args[0])
	ts.Check(err)
	defer res.Body.Close()
	_, err = io.Copy(ts.Stdout(), res.Body)
	ts.Check(err)
}

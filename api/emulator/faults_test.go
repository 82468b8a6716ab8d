package emulator_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

func faults(t *testing.T, s string) emulator.Faults {
	t.Helper()
	f, err := emulator.ParseFaults(s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestParseFaults(t *testing.T) {
	t.Parallel()
	const usual = "429=2%,500=1%,reset=1%,drop=1%,slow=5%,html=1%,truncate=1%"
	const full = "429=14.3%,500=14.3%,reset=14.3%,drop=14.3%,slow=14.3%,html=14.3%,truncate=14.2%"
	for in, want := range map[string]string{
		"": "", "  ": "", usual: usual, full: full, "429=2%": "429=2%", "slow=100%": "slow=100%", "html=0%": "",
		" drop = 0.25 % , 500=12.5%": "500=12.5%,drop=0.25%",
	} {
		f, err := emulator.ParseFaults(in)
		if err != nil || f.String() != want {
			t.Errorf("%q: %q, %v; want %q", in, f, err, want)
		}
	}
	for in, want := range map[string]string{
		"429":               "write it like 429=2%",
		"429=2":             "write it like 429=2%",
		"429=2%,":           "write it like 429=2%",
		"404=2%":            "unknown fault \"404\": use 429, 500, reset, drop, slow, html, truncate",
		"429=x%":            "from 0% to 100%",
		"429=-1%":           "from 0% to 100%",
		"429=NaN%":          "from 0% to 100%",
		"429=101%":          "from 0% to 100%",
		"429=60%,500=40.1%": "add up to 100.1%",
		"429=1%,429=1%":     "named twice",
	} {
		if _, err := emulator.ParseFaults(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", in, err, want)
		}
	}
}

func FuzzParseFaults(f *testing.F) {
	f.Add("429=2%,500=1%,reset=1%,drop=1%,slow=5%,html=1%,truncate=1%")
	f.Add("drop=0.1%")
	f.Add("x=1%")
	f.Fuzz(func(t *testing.T, s string) {
		parsed, err := emulator.ParseFaults(s)
		if err != nil {
			return
		}
		second, err := emulator.ParseFaults(parsed.String())
		if err != nil || second != parsed {
			t.Errorf("%q is read as %q, which is read as %q, %v", s, parsed, second, err)
		}
	})
}

// Each fault does its work on a PUT of one contact, over a real connection.
func TestFaults(t *testing.T) {
	t.Parallel()
	const good = `{"data":[{"code":"SUCCESS","details":{"id":"` + rig.Contact1 + `"},` +
		`"message":"relation updated","status":"success"}]}`
	for _, c := range []struct {
		fault   string
		status  int // 0: no answer
		body    string
		applied bool
		stats   emulator.Stats
	}{
		{"429", 429, rig.TooMany, false, emulator.Stats{TooManyRequests: 1}},
		{"500", 500, `{"code":"INTERNAL_ERROR","details":{},"message":"Internal Server Error","status":"error"}`,
			false, emulator.Stats{Credits: 1}},
		{"reset", 0, "", false, emulator.Stats{}},
		{"drop", 0, "", true, emulator.Stats{Credits: 1}},
		{"slow", 200, good, true, emulator.Stats{Credits: 1}},
		{"html", 502, "<html>", false, emulator.Stats{Credits: 1}},
		{"truncate", 200, good[:len(good)/2], true, emulator.Stats{Credits: 1}},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			r := rig.New(t, emulator.Options{Faults: faults(t, c.fault+"=100%")})
			status, header, got, err := r.Do("PUT", rig.RolesOf(rig.Deal1)+"/"+rig.Contact1, rig.ByID(rig.Purchasing))
			if status != c.status || !strings.HasPrefix(got, c.body) {
				t.Errorf("%d %q, %v", status, got, err)
			}
			switch c.fault {
			case "reset", "drop":
				if !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("the connection was not cut: %v", err)
				}
			case "truncate":
				if !errors.Is(err, io.ErrUnexpectedEOF) || header.Get("Content-Length") != fmt.Sprint(len(good)) ||
					len(got) != len(good)/2 {
					t.Errorf("%v, Content-Length %s, %d bytes", err, header.Get("Content-Length"), len(got))
				}
			case "html":
				if header.Get("Content-Type") != "text/html;charset=UTF-8" {
					t.Errorf("Content-Type %s", header.Get("Content-Type"))
				}
			}
			if _, applied := r.E.SnapshotState()[rig.Deal1][rig.Contact1]; applied != c.applied {
				t.Errorf("applied: %t", applied)
			}
			// Faults do not touch the token request and the inspection.
			c.stats.TokensIssued, c.stats.MaxInFlight = 1, 1
			c.stats.Calls = map[string]int{"PUT /Deals/{id}/Contact_Roles/{id}": 1}
			if diff := cmp.Diff(c.stats, r.E.Stats()); diff != "" {
				t.Errorf("stats (-want +got)\n%s", diff)
			}
			if got := r.Inspect("state"); c.applied != strings.Contains(got, rig.Contact1) {
				t.Errorf("state %s", got)
			}
		})
	}
}

// An answer without a body cannot be truncated. It is cut.
func TestTruncateWithoutBody(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Faults: faults(t, "truncate=100%")})
	if status, _, got, err := r.Do("PUT", rig.Roles+"/77", ""); err == nil {
		t.Errorf("%d %q", status, got)
	}
	if status, _, got, err := r.Do("GET", rig.RolesOf(rig.Deal1)+"?fields=id", ""); err == nil {
		t.Errorf("%d %q", status, got)
	}
}

func TestFaultsWithoutSockets(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]struct {
		took   time.Duration
		err    error
		status int
	}{
		"429":      {0, nil, 429},
		"500":      {time.Second, nil, 500},
		"html":     {time.Second, nil, 502},
		"reset":    {time.Second, io.ErrUnexpectedEOF, 0},
		"drop":     {time.Second, io.ErrUnexpectedEOF, 0},
		"slow":     {5 * time.Second, nil, 200},
		"truncate": {time.Second, nil, 200},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := rig.NewDirect(t, emulator.Options{Faults: faults(t, fault+"=100%"), Latency: time.Second})
				start := time.Now()
				status, _, err := d.Call("GET", rig.Roles, "")
				if took := time.Since(start); took != want.took || !errors.Is(err, want.err) || status != want.status {
					t.Errorf("%d after %v: %v", status, took, err)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		d := rig.NewDirect(t, emulator.Options{Faults: faults(t, "slow=100%"), Latency: time.Millisecond})
		start := time.Now()
		if _, _, err := d.Call("GET", rig.Roles, ""); err != nil || time.Since(start) != 500*time.Millisecond {
			t.Errorf("slow took %v: %v", time.Since(start), err)
		}
	})
}

// The same seed gives the same faults, another seed gives others. The shares are right.
func TestFaultSeed(t *testing.T) {
	t.Parallel()
	const n = 4_000
	draw := func(seed int64) (string, map[int]int) {
		d := rig.NewDirect(t, emulator.Options{Faults: faults(t, "429=10%,500=0.5%,html=1%,drop=2%"), FaultSeed: seed})
		var story strings.Builder
		counts := map[int]int{}
		for range n {
			status, _, _ := d.Call("GET", rig.Roles+"/77", "")
			counts[status]++
			fmt.Fprintf(&story, "%d ", status)
		}
		return story.String(), counts
	}
	first, counts := draw(1)
	second, _ := draw(1)
	other, _ := draw(2)
	if first != second || first == other {
		t.Errorf("same seed, same faults: %t; other seed, same faults: %t", first == second, first == other)
	}
	for status, share := range map[int]float64{429: 0.1, http.StatusInternalServerError: 0.005, 502: 0.01, 0: 0.02} {
		if got := float64(counts[status]) / n; got < share*0.4 || got > share*1.6 {
			t.Errorf("status %d: %.4f of the calls, want about %.4f", status, got, share)
		}
	}
}

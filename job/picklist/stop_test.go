package picklist

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/report"
)

// play is a run of some job, with the expected results.
type play struct {
	command  string
	org      []string
	rows     []string
	outcomes []string
	list     string
}

func plays() map[string]play {
	rows, outcomes, list := busy()
	names := []string{"Alpha", "Beta", "Gamma", "Delta", "Eps/ilon"}
	return map[string]play{
		"import": {Import, names, rows, outcomes, list},
		"sync": {
			Sync,
			names,
			namedAll([]string{header, "<B>,Alpha,", ",Zeta,", "<A>,Beta,", "<C>,Delta,", ",gamma,", ",Eta,"}),
			[]string{
				"updated SUCCESS",
				"created SUCCESS",
				"updated SUCCESS",
				"updated SUCCESS",
				"created SUCCESS",
				"created SUCCESS",
			},
			"Alpha Zeta Beta Delta gamma Eta",
		},
		"delete": {
			Delete,
			names,
			namedAll([]string{header, "<A>,,", ",delta,", "<A>,,", "77777,,", ",nobody,", "<B>,Gamma,"}),
			[]string{
				"deleted SUCCESS",
				"deleted SUCCESS",
				"unchanged SUCCESS",
				" INVALID_DATA",
				" ROLE_UNKNOWN",
				" ROLE_MISMATCH",
			},
			"Beta Gamma Eps/ilon",
		},
	}
}

func (p *play) request(r *rig) request {
	q := r.request(p.command, p.rows...)
	q.Options.Prune = p.command == Sync
	return q
}

// check compares the results with the expected ones.
func (p *play) check(t testing.TB, r *rig) {
	t.Helper()
	got := r.outcomesOf()
	if d := gocmp.Diff(p.outcomes, got); d != "" {
		t.Errorf("results:\n%s", d)
	}
	if got := strings.Join(r.list(), " "); got != p.list {
		t.Errorf("list %s, want %s", got, p.list)
	}
	if p.command == Delete {
		return
	}
	// No role was created twice, not even temporarily: the ids of new roles have no gaps.
	created := 0
	for _, o := range p.outcomes {
		if strings.HasPrefix(o, job.ActionCreated) {
			created++
		}
	}
	for n := range created {
		if !slices.ContainsFunc(r.roles(), func(o emulator.OrgRole) bool { return o.ID == newID(n+1) }) {
			t.Errorf("the list has no role %s", newID(n+1))
		}
	}
}

// toTheEnd resumes a run until it is finished, at most a given number of times.
func (r *rig) toTheEnd(t testing.TB, dir string, a func() job.Again, most int) {
	t.Helper()
	for range most {
		res, err := job.Resume(context.Background(), a())
		if errors.Is(err, job.ErrFinished) || err == nil && res.Stop == nil {
			r.sums(dir, res)
			return
		}
		if err != nil {
			if _, ok := errors.AsType[*job.Stop](err); !ok {
				t.Fatal(err)
			}
		} else if !strings.Contains(res.Summary.Next, "rolecall resume ") {
			t.Errorf("next %q", res.Summary.Next)
		}
	}
	t.Fatal("it does not come to an end")
}

func TestPlays(t *testing.T) {
	t.Parallel()
	for name, p := range plays() {
		r := newRig(t, emulator.Options{Org: orgOf(p.org...)})
		r.run(p.request(r))
		if p.check(t, r); t.Failed() {
			t.Log(name, strings.Join(r.Front.Sent(), "\n"))
		}
	}
}

// Each number of credits is tried, with the same number for each resume. The result equals that of a run without a
// limit.
func TestEveryNumberOfCredits(t *testing.T) {
	t.Parallel()
	for name, p := range plays() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stopped := true
			for credits := 3; stopped; credits += 1 + sparsely()/2 {
				r := newVirtualRig(t, emulator.Options{Org: orgOf(p.org...)})
				q := p.request(r)
				q.Settings.MaxCredits = credits
				res, err := start(t.Context(), q)
				if err != nil {
					t.Fatal(credits, err)
				}
				r.sums(q.RunDir, res)
				if stopped = res.Stop != nil; stopped {
					if res.Stop.Reason != job.OutOfBudget || res.Summary.State != report.Stopped {
						t.Fatalf("%d: %+v", credits, res)
					}
					r.toTheEnd(t, q.RunDir, func() job.Again { return r.again(q.RunDir) }, 30)
				}
				if n := len(r.Front.Sent()); int64(n) < 2 {
					t.Fatal("no calls")
				}
				if p.check(t, r); t.Failed() {
					t.Fatalf("with %d credits at a time", credits)
				}
			}
		})
	}
}

// One credit is enough to read the list and for nothing else. Without credits the list cannot be read.
func TestACreditIsNotEnough(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: small()})
	q := r.request(Import, "name", "Zeta")
	q.Settings.MaxCredits = 2
	res, err := start(t.Context(), q)
	if err != nil || res.Stop == nil || res.Stop.Reason != job.OutOfBudget || res.Summary.Roles.Fits ||
		res.Summary.Rows.NotAttempted != 1 {
		t.Errorf("%+v, %v", res, err)
	}
}

// A run is interrupted at each call, before or after the call is done. The resumed run ends like a run without an
// interruption.
func TestInterruptedAtEachCall(t *testing.T) {
	t.Parallel()
	for name, p := range plays() {
		for _, lost := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s lost %v", name, lost), func(t *testing.T) {
				t.Parallel()
				stopped := true
				first := 1 + rand.IntN(sparsely()) //nolint:gosec // the number need not be secret
				for at := first; stopped; at += sparsely() {
					r := newVirtualRig(t, emulator.Options{Org: orgOf(p.org...)})
					ctx, cancel := context.WithCancel(t.Context())
					n := 0
					r.Front.Meddle = func(w http.ResponseWriter, _ *http.Request, _ string, pass jobtest.Pass) {
						if n++; n == at {
							cancel()
							if lost && n > 1 { // a lost call is not sent again
								pass(jobtest.Discarded{})
								panic(http.ErrAbortHandler)
							}
						}
						pass(w)
					}
					q := p.request(r)
					res, err := start(ctx, q)
					cancel()
					var stop *job.Stop
					switch {
					case err != nil && errors.As(err, &stop) && stop.Reason == job.Interrupted:
						r.Front.Meddle = nil
						if res, err = start(t.Context(), q); err != nil || res.Stop != nil {
							t.Fatal(err)
						}
					case err != nil:
						t.Fatal(err)
					case res.Stop != nil:
						if res.Stop.Reason != job.Interrupted {
							t.Fatal(res.Stop)
						}
						r.toTheEnd(t, q.RunDir, func() job.Again { return r.again(q.RunDir) }, 2)
					default:
						stopped = n >= at
					}
					if p.check(t, r); t.Failed() {
						t.Fatalf("at call %d:\n%s", at, strings.Join(r.Front.Sent(), "\n"))
					}
				}
			})
		}
	}
}

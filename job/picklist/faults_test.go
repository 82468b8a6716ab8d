package picklist

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// noDeadline hides the deadline of a test, because rapid asks for it, and a synctest bubble does not allow that.
type noDeadline struct{ testing.TB }

func parseFaults(t testing.TB, text string) emulator.Faults {
	t.Helper()
	f, err := emulator.ParseFaults(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// neverTwice returns the creations that were sent again before the list was read. A client must not do that.
func neverTwice(calls []string) (twice []string) {
	open := map[string]bool{}
	for _, c := range calls {
		switch {
		case strings.HasPrefix(c, "GET /Contacts/roles"):
			clear(open)
		case strings.HasPrefix(c, "POST "):
			if open[c] {
				twice = append(twice, c)
			}
			open[c] = true
		}
	}
	return twice
}

// busy is a table whose rows create, rename, move and wait for one another, with the expected results.
func busy() (rows []string, outcomes []string, list string) {
	return namedAll(
			[]string{
				"id,name,sequence_number",
				",Zeta,2",
				",Eta,",
				"<B>,Iota,",
				",Beta,1",
				"<C>,,7",
				"<A>,Delta,",
				",gamma,",
				",Theta,99",
				",Eta,",
			},
		), []string{
			"created SUCCESS",
			"created SUCCESS",
			"updated SUCCESS",
			"created SUCCESS",
			"updated SUCCESS",
			" DUPLICATE_DATA",
			"unchanged SUCCESS",
			"created SUCCESS",
			"unchanged SUCCESS",
		}, "Beta Zeta Alpha Iota Delta Eps/ilon Gamma Eta Theta"
}

// gaveUp reports whether a row ended because no call for it got an answer.
func gaveUp(outcome string) bool {
	return slices.Contains([]string{" " + job.CodeNoAnswer, " " + job.CodeOutcomeUnknown, " INTERNAL_ERROR"}, outcome)
}

// Whatever faults happen, and however often: the list ends as if there were none, no role is created twice, and each
// row has one outcome. A row for which no call succeeded says so.
func TestImportThroughFaults(t *testing.T) {
	t.Parallel()
	shares := map[string]int{"drop": 40, "reset": 40, "500": 40, "truncate": 40, "html": 40, "429": 40, "all": 6}
	for kind, share := range shares {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				faults := fmt.Sprintf("%s=%d%%", kind, share)
				if kind == "all" {
					faults = strings.ReplaceAll(
						"drop=N%,reset=N%,500=N%,truncate=N%,html=N%,429=N%",
						"N",
						fmt.Sprint(share),
					)
				}
				whole, seeds := 0, 15/sparsely()
				for seed := range seeds {
					r := newVirtualRig(
						t,
						emulator.Options{Org: small(), Faults: parseFaults(t, faults), FaultSeed: int64(seed)},
					)
					rows, want, list := busy()
					res, err := start(t.Context(), r.request(Import, rows...))
					if err != nil { // the first reads can fail too
						continue
					}
					// A later read can fail too, with all its attempts. Then the run stops, and resume finishes it.
					for tries := 0; res.Stop != nil && tries < 3; tries++ {
						if res, err = job.Resume(t.Context(), r.again(filepath.Join(r.Dir, "run"))); err != nil {
							t.Fatalf("%d: %v", seed, err)
						}
					}
					if res.Stop != nil {
						t.Fatalf("%d: %v", seed, res.Stop)
					}
					r.sums(filepath.Join(r.Dir, "run"), res)
					got, calls := r.outcomesOf(), r.Front.Sent()
					if twice := neverTwice(calls); len(twice) > 0 {
						t.Errorf("%d: sent again without a look: %q", seed, twice)
					}
					if names := r.list(); len(slices.Compact(sorted(names))) != len(names) {
						t.Errorf("%d: %q", seed, names)
					}
					if slices.ContainsFunc(got, gaveUp) || slices.Contains(got, " "+job.CodePositionDiffers) {
						continue
					}
					whole++
					if d := gocmp.Diff(want, got); d != "" {
						t.Errorf("%d: %s\n%s", seed, d, strings.Join(calls, "\n"))
					}
					if got := strings.Join(r.list(), " "); got != list {
						t.Errorf("%d: list %s\nwant %s\n%s", seed, got, list, strings.Join(calls, "\n"))
					}
				}
				if whole < seeds/2 {
					t.Errorf("only %d of %d got through", whole, seeds)
				}
			})
		})
	}
}

// The same for sync, with lists of all kinds.
func TestSyncThroughFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(noDeadline{t}, func(rt *rapid.T) {
			c := drawSync(rt)
			kinds := []string{"drop=30%", "reset=30%", "500=30%", "truncate=30%", "html=20%,429=20%"}
			faults := rapid.SampledFrom(kinds).
				Draw(rt, "faults")
			r := newVirtualRig(
				t,
				emulator.Options{
					Org:       orgOf(c.names...),
					Faults:    parseFaults(t, faults),
					FaultSeed: rapid.Int64().Draw(rt, "seed"),
				},
			)
			q := r.request(Sync, c.lines()...)
			q.Options.Prune = c.prune
			res, err := start(t.Context(), q)
			if err != nil {
				return
			}
			if res.Stop != nil {
				rt.Fatal(res.Stop)
			}
			r.sums(q.RunDir, res)
			if twice := neverTwice(r.Front.Sent()); len(twice) > 0 {
				rt.Fatalf("sent again without a look: %q", twice)
			}
			if res.Summary.Rows.Error > 0 || res.Summary.Roles.NotPruned > 0 || c.clashes() {
				return
			}
			c.check(rt, r)
		})
	})
}

// The answer to the first POST is lost, in each possible way. There is only one POST, and its rows are created.
func TestALostCreationIsSettledByTheList(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(w http.ResponseWriter, recorded *httptest.ResponseRecorder){
		"cut": func(http.ResponseWriter, *httptest.ResponseRecorder) { panic(http.ErrAbortHandler) },
		"half": func(w http.ResponseWriter, recorded *httptest.ResponseRecorder) {
			w.WriteHeader(recorded.Code)
			_, _ = w.Write(recorded.Body.Bytes()[:recorded.Body.Len()/2])
		},
		"500": func(w http.ResponseWriter, _ *httptest.ResponseRecorder) {
			jobtest.Answer(w, http.StatusInternalServerError,
				`{"code":"INTERNAL_ERROR","details":{},"message":"Internal Server Error","status":"error"}`)
		},
		"a page": func(w http.ResponseWriter, _ *httptest.ResponseRecorder) {
			jobtest.Answer(w, http.StatusBadGateway, "<html>")
		},
		"empty": func(w http.ResponseWriter, _ *httptest.ResponseRecorder) { w.WriteHeader(http.StatusOK) },
		"of fewer": func(w http.ResponseWriter, _ *httptest.ResponseRecorder) {
			jobtest.Answer(w, http.StatusOK, `{"contact_roles":[`+
				`{"code":"SUCCESS","details":{"id":"77"},"message":"contact role added","status":"success"}]}`)
		},
		"without ids": func(w http.ResponseWriter, r *httptest.ResponseRecorder) {
			jobtest.Answer(w, http.StatusOK, strings.ReplaceAll(r.Body.String(), `"id"`, `"x"`))
		},
		"in another order": func(w http.ResponseWriter, r *httptest.ResponseRecorder) {
			jobtest.Answer(w, http.StatusOK, swapped(r.Body.String()))
		},
		"with ids that nobody has": func(w http.ResponseWriter, r *httptest.ResponseRecorder) {
			jobtest.Answer(w, http.StatusOK, strings.ReplaceAll(r.Body.String(), `"id":"4`, `"id":"5`))
		},
		"201, as other creations": func(w http.ResponseWriter, r *httptest.ResponseRecorder) {
			jobtest.Answer(w, http.StatusCreated, r.Body.String())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{Org: small()})
			first := true
			r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, _ string, pass func(http.ResponseWriter)) {
				if q.Method != http.MethodPost || !first {
					pass(w)
					return
				}
				first = false
				recorded := httptest.NewRecorder()
				pass(recorded)
				answer(w, recorded)
			}
			r.run(r.request(Import, "name,sequence_number", "Zeta,", "Eta,1"))
			want := namedAll([]string{"created SUCCESS <N2>", "created SUCCESS <N1>"})
			if d := gocmp.Diff(want, r.results("rc_action", "rc_code", "rc_role_id")); d != "" {
				t.Error(d)
			}
			if writes := jobtest.Writes(r.Front.Sent()); len(writes) != 1 {
				t.Errorf("%q", writes)
			}
			if got := strings.Join(r.list(), " "); got != "Eta Alpha Beta Gamma Delta Eps/ilon Zeta" {
				t.Error(got)
			}
		})
	}
}

// swapped returns an answer with the ids of its two successes exchanged.
func swapped(body string) string {
	a, b := newID(1), newID(2)
	return strings.NewReplacer(a, b, b, a).Replace(body)
}

// A role that had the name of a lost creation before the run, or that somebody else gave the name meanwhile, does not
// count as created by the row.
func TestALostCreationIsNotSomebodyElses(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: small()})
	r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, _ string, pass func(http.ResponseWriter)) {
		if q.Method != http.MethodPost {
			pass(w)
			return
		}
		rename := httptest.NewRequestWithContext(
			q.Context(),
			http.MethodPut,
			"/crm/v8/Contacts/roles/"+idOf(1),
			strings.NewReader(`{"contact_roles":[{"name":"Zeta"}]}`),
		)
		rename.Header = q.Header.Clone()
		renamed := httptest.NewRecorder()
		r.Emu.ServeHTTP(renamed, rename)
		if renamed.Code != http.StatusOK {
			t.Error(renamed.Body)
		}
		panic(http.ErrAbortHandler)
	}
	r.run(r.request(Import, "name", "Zeta"))
	if got := r.results("rc_action", "rc_role_id"); !slices.Equal(got, []string{"unchanged " + idOf(1)}) {
		t.Errorf("%q", got)
	}
}

// A creation that never arrives is sent three times, with a read of the list before each, and then fails.
func TestACreationThatNeverArrives(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: small()})
	r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, _ string, pass func(http.ResponseWriter)) {
		if q.Method == http.MethodPost {
			panic(http.ErrAbortHandler)
		}
		pass(w)
	}
	r.run(r.request(Import, "name", "Zeta", "Alpha"))
	if got := r.results("rc_action", "rc_code"); !slices.Equal(got, []string{" NO_ANSWER", "unchanged SUCCESS"}) {
		t.Errorf("%q", got)
	}
	calls := r.Front.Sent()
	if len(jobtest.Writes(calls)) != 3 || len(calls) < 7 || len(neverTwice(calls)) != 0 {
		t.Errorf("%q", calls)
	}
}

// If the answer says nothing about a row, and the list does not show its change, the row is OUTCOME_UNKNOWN.
func TestAnAnswerThatTellsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: small()})
	r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, _ string, pass func(http.ResponseWriter)) {
		if q.Method == http.MethodPost {
			jobtest.Answer(
				w,
				http.StatusOK,
				`{"contact_roles":[{"code":"SUCCESS","details":{"id":"5150868000000000001"},`+
					`"message":"contact role added","status":"success"}]}`,
			)
			return
		}
		pass(w)
	}
	r.run(r.request(Import, "name", "Zeta"))
	if got := r.outcomesOf(); !slices.Equal(got, []string{" OUTCOME_UNKNOWN"}) {
		t.Errorf("%q", got)
	}
}

// outage lets some calls about roles pass, and then no call of any kind for some time.
func (r *rig) outage(after int, lasts time.Duration) {
	var mu sync.Mutex
	n, back, direct := 0, time.Time{}, r.Transport
	r.Transport = jobtest.RoundTripper(func(q *http.Request) (*http.Response, error) {
		mu.Lock()
		if strings.Contains(q.URL.Path, "/roles") {
			if n++; n == after+1 {
				back = time.Now().Add(lasts)
			}
		}
		away := time.Now().Before(back)
		mu.Unlock()
		if away {
			return nil, jobtest.ErrCut
		}
		return direct.RoundTrip(q)
	})
}

// If Zoho does not answer for long, the run stops, no row fails, and resume does the rest.
func TestOutage(t *testing.T) {
	t.Parallel()
	for after := range 6 { // calls that are answered
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newVirtualRig(t, emulator.Options{Org: small()})
				rows, want, list := busy()
				r.outage(after, 10*time.Minute)
				q := r.request(Import, rows...)
				res, err := start(t.Context(), q)
				var stop *job.Stop
				switch {
				case after == 0:
					stop, _ = err.(*job.Stop) //nolint:errorlint // Start returns the Stop itself, not wrapped
				case err == nil:
					stop = res.Stop
				}
				if stop == nil || stop.Reason != job.Outage {
					t.Fatalf("%+v, %v", res, err)
				}
				<-time.After(10 * time.Minute)
				if after == 0 {
					res, err = start(t.Context(), q)
				} else {
					if res.Summary.Rows.Error > 1 { // one is refused in any case
						t.Errorf("%+v", res.Summary.Rows)
					}
					res, err = job.Resume(t.Context(), r.again(q.RunDir))
				}
				if err != nil || res.Stop != nil {
					t.Fatalf("%+v, %v", res, err)
				}
				if d := gocmp.Diff(want, r.outcomesOf()); d != "" {
					t.Error(d)
				}
				if got := strings.Join(r.list(), " "); got != list {
					t.Errorf("list %s, want %s", got, list)
				}
			})
		})
	}
}

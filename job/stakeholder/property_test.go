package stakeholder

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

// modelRow is a row as the model sees it: small numbers for deal and contact, of which only some exist.
type modelRow struct {
	deal, contact int
	role          string
}

const (
	modelDeals    = 6
	modelContacts = 8
)

// model executes rows one by one. It returns the status and action of each row in results.csv. skips means that assign
// reads each deal first and writes only what differs.
//
// Of rows that give one contact of one deal different roles only the last counts. last says that the others are
// unchanged if it succeeds.
func model(
	command string, skips, last bool, rows []modelRow, state map[string]map[string]string,
) (want []string) {
	latest, counts := map[[2]int]int{}, modelWinners(command, rows)
	var outcomes []string
	if len(rows) > 0 {
		outcomes = make([]string, len(rows))
	}
	for i, r := range rows {
		pair := [2]int{r.deal, r.contact}
		role, known := modelRoles()[strings.ToLower(r.role)]
		if command == Assign && !known {
			outcomes[i] = string(job.Failed) + " "
			continue
		}
		j, again := latest[pair]
		latest[pair] = i
		switch {
		case i < counts[pair]:
			outcomes[i] = string(job.Failed) + " "
		case again && j >= counts[pair]:
			if outcomes[i] = outcomes[j]; strings.HasPrefix(outcomes[j], string(job.Success)) {
				outcomes[i] = string(job.Success) + " " + job.ActionUnchanged
			}
		case r.deal > modelDeals || command == Assign && r.contact > modelContacts:
			outcomes[i] = string(job.Failed) + " "
		case command == Assign:
			if state[jobtest.DealID(r.deal)] == nil {
				state[jobtest.DealID(r.deal)] = map[string]string{}
			}
			prior, on := state[jobtest.DealID(r.deal)][jobtest.ContactID(r.contact)]
			state[jobtest.DealID(r.deal)][jobtest.ContactID(r.contact)] = role
			action := job.ActionAssigned
			switch {
			case skips && on && prior == role:
				action = job.ActionUnchanged
			case skips && on:
				action = job.ActionUpdated
			case skips:
				action = job.ActionAdded
			}
			outcomes[i] = string(job.Success) + " " + action
		default:
			_, on := state[jobtest.DealID(r.deal)][jobtest.ContactID(r.contact)]
			delete(state[jobtest.DealID(r.deal)], jobtest.ContactID(r.contact))
			if len(state[jobtest.DealID(r.deal)]) == 0 {
				delete(state, jobtest.DealID(r.deal))
			}
			switch {
			case on:
				outcomes[i] = string(job.Success) + " " + job.ActionRemoved
			default:
				outcomes[i] = string(job.Failed) + " "
			}
		}
	}
	for i, r := range rows {
		at, counted := counts[[2]int{r.deal, r.contact}]
		_, known := modelRoles()[strings.ToLower(r.role)]
		if last && counted && i < at && (command == Remove || known) &&
			!strings.HasPrefix(outcomes[at], string(job.Failed)) {
			outcomes[i] = string(job.Success) + " " + job.ActionUnchanged
		}
	}
	return outcomes
}

// modelWinners returns the row of each pair that is sent: the first of the last rows that ask the same.
func modelWinners(command string, rows []modelRow) map[[2]int]int {
	winners := map[[2]int]int{}
	for i, r := range rows {
		pair := [2]int{r.deal, r.contact}
		if _, known := modelRoles()[strings.ToLower(r.role)]; command == Assign && !known {
			continue
		}
		at, again := winners[pair]
		if !again || command == Assign && !strings.EqualFold(rows[at].role, r.role) {
			winners[pair] = i
		}
	}
	return winners
}

func modelRoles() map[string]string {
	return map[string]string{
		"purchasing":       "Purchasing",
		"decision maker":   "Decision Maker",
		"engineering lead": "Engineering Lead",
	}
}

// For any file, faults and interruptions, the org ends as if the rows were done one by one, and results.csv shows this
// for each row.
func TestRunEqualsRowByRow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var runs atomic.Int64
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(noDeadline{t}, func(rt *rapid.T) {
			n := runs.Add(1)
			faults, err := emulator.ParseFaults(
				rapid.SampledFrom([]string{"", "429=2%,500=1%,reset=1%,drop=3%,html=1%,truncate=2%"}).
					Draw(rt, "faults"),
			)
			if err != nil {
				rt.Fatal(err)
			}
			r := newVirtualRig(
				t,
				emulator.Options{
					Deals:     modelDeals,
					Contacts:  modelContacts,
					Faults:    faults,
					FaultSeed: rapid.Int64().Draw(rt, "seed"),
					CollectionPut: rapid.SampledFrom([]string{"merge", "replace", "off"}).
						Draw(rt, "collection put"),
					Composite: rapid.SampledFrom([]string{"on", "off"}).Draw(rt, "composite"),
				},
			)
			skips, composite := rapid.Bool().
				Draw(rt, "read first"),
				rapid.SampledFrom([]job.Choice{job.On, job.Off}).
					Draw(rt, "reads")
			last := rapid.Bool().Draw(rt, "contradictions last")
			r.Org = func(o *job.Org) { o.Batches, o.Composes = true, true }
			r.set = func(q *request) {
				q.Options.ReadFirst, q.Options.Composite, q.Settings.Concurrency = onOff(skips), composite, 6
				q.Settings.LastWins = last
			}
			r.Dir = filepath.Join(dir, fmt.Sprint(n))
			if err := os.Mkdir(r.Dir, 0o700); err != nil {
				rt.Fatal(err)
			}
			state := map[string]map[string]string{}
			for round, command := range []string{Assign, Remove} {
				rows := drawRows(rt)
				want := model(command, skips, last, rows, state)
				got := r.runToTheEnd(rt, command, rows, fmt.Sprint("run", round))
				if d := differ(want, got, command, faults != emulator.Faults{}); d != "" {
					rt.Fatalf("%s:\n%s", command, d)
				}
				if d := cmp.Diff(state, r.State()); d != "" {
					rt.Fatalf("%s: state (-want +got):\n%s", command, d)
				}
			}
		})
	})
}

// noDeadline hides the deadline of a test, because rapid asks for it, and a synctest bubble does not allow that.
type noDeadline struct{ testing.TB }

// differ compares outcomes row by row. After a lost answer two things cannot be decided, and differ ignores them:
// whether a contact that is absent after a DELETE was on the deal before, and who made a change that a later read
// shows.
func differ(want, got []string, command string, faulty bool) string {
	if len(want) != len(got) {
		return fmt.Sprintf("%d rows, want %d", len(got), len(want))
	}
	var b strings.Builder
	for i := range want {
		undecidable := faulty && command == Remove && strings.HasPrefix(want[i], string(job.Failed)) &&
			strings.HasPrefix(got[i], string(job.Success)) ||
			faulty && strings.HasPrefix(want[i], string(job.Success)) &&
				got[i] == string(
					job.Success,
				)+" "+job.ActionUnchanged // done by a call whose answer was lost, and found in place afterwards
		if want[i] != got[i] && !undecidable {
			fmt.Fprintf(&b, "row %d: %q, want %q\n", i+1, got[i], want[i])
		}
	}
	return b.String()
}

func drawRows(rt *rapid.T) (rows []modelRow) {
	for range rapid.IntRange(0, 60).Draw(rt, "rows") {
		rows = append(rows, modelRow{
			deal: rapid.IntRange(1, modelDeals+1).
				Draw(rt, "deal"),
			contact: rapid.IntRange(1, modelContacts+1).Draw(rt, "contact"),
			role: rapid.SampledFrom([]string{
				"Purchasing", "PURCHASING", "Decision Maker", "engineering lead", "Nobody",
			}).
				Draw(rt, "role"),
		})
	}
	return rows
}

// runToTheEnd does a run that is interrupted at random writes, and resumes it until it is finished. It returns status
// and action of each row.
func (r *rig) runToTheEnd(rt *rapid.T, command string, rows []modelRow, name string) []string {
	var lines []string
	for _, row := range rows {
		lines = append(lines, fmt.Sprintf("%d %d %s", row.deal, row.contact, row.role))
	}
	q := r.request(command, jobtest.Triples(lines...))
	q.RunDir = filepath.Join(r.Dir, name)
	r.set(&q)
	by := r.Transport
	defer func() { r.Transport = by }()
	interruptible := func() context.Context {
		ctx, cancel := context.WithCancelCause(context.Background())
		at, n := rapid.Int64Range(5, 200).Draw(rt, "interrupt at"), atomic.Int64{}
		r.Transport = jobtest.RoundTripper(func(q *http.Request) (*http.Response, error) {
			if q.Method != http.MethodGet && n.Add(1) == at {
				cancel(job.ErrInterrupted)
			}
			return by.RoundTrip(q)
		})
		return ctx
	}
	res, err := job.Start(interruptible(), q.with())
	for err == nil && res.Stop != nil {
		if res.Stop.Reason != job.Interrupted {
			rt.Fatalf("stopped: %v", res.Stop)
		}
		res, err = job.Resume(interruptible(), job.Again{RunDir: q.RunDir, Env: r.Env()})
	}
	if err != nil && !errors.Is(err, job.ErrFinished) {
		rt.Fatal(err)
	}
	return r.Table(filepath.Join(q.RunDir, rundir.Results)).Column("rc_status", "rc_action")
}

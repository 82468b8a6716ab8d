package stakeholder

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api"
	"rolecall/api/pace"
	"rolecall/job"
	"rolecall/job/deals"
	"rolecall/job/jobtest"
)

// fewestCalls tries every way to cut the rows of some contacts into calls.
func fewestCalls(sent []string) int64 {
	fewest := make([]int64, len(sent)+1) // for the rows from i on
	for i := len(sent) - 1; i >= 0; i-- {
		fewest[i] = int64(len(sent))
		in := map[string]bool{}
		for j := i; j < len(sent) && len(in) < 100 && !in[sent[j]]; j++ {
			in[sent[j]] = true
			fewest[i] = min(fewest[i], 1+fewest[j+1])
		}
	}
	return fewest[0]
}

// The announced calls equal the calls that are made, for each way, if Zoho refuses nothing.
func TestPriceIsWhatARunCosts(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		for _, finding := range []string{CollectionRefused, CollectionMerges} {
			t.Run(fmt.Sprint(finding, " ", seed), func(t *testing.T) {
				t.Parallel()
				draw := rand.New(rand.NewPCG(seed, 1))
				var lines []string
				for range 400 {
					role := []string{"Purchasing", "PURCHASING", "Decision Maker", "Nobody"}[draw.IntN(4)]
					lines = append(
						lines, fmt.Sprintf("%d %d %s", draw.IntN(4)+1, draw.IntN([]int{20, 500}[seed%2])+1, role),
					)
				}
				virtually(t, peopled(), func(t *testing.T, r *rig) {
					r.batched(newKnown(finding, ""))
					w := r.listen()
					res := r.run(r.request(Assign, jobtest.Triples(lines...)))
					plan := res.Summary.Plan
					if n := int64(len(w.list())); n != plan.Calls ||
						plan.Calls != map[string]int64{
							CollectionRefused: plan.OneByOne, CollectionMerges: plan.Together,
						}[finding] {
						t.Errorf("%d calls, plan %+v", n, plan)
					}
					if spent := res.Summary.Spent; spent.Credits != plan.Calls+plan.Reads ||
						res.Summary.Rows.Success != plan.Sent+plan.Repeats {
						t.Errorf("spent %+v, plan %+v, rows %+v", spent, plan, res.Summary.Rows)
					}
				})
			})
		}
	}
}

// asks is an org and what the user wants of it.
type asks struct {
	job      string
	options  Options
	settings job.Settings
	batches  bool
	composes bool
	inFlight int
	known    *known
	left     int // credits of the org; 0: not known
}

// ways returns how the rows of a run with a price travel, and whether its deals are read five to a call.
func (a asks) ways(p price) (by way, composite bool) {
	pacer := pace.New(pace.Config{InFlight: a.inFlight})
	pacer.Account(nil, pace.Budget{Credits: a.left})
	org := &job.Org{Pacer: pacer, InFlight: a.inFlight, Batches: a.batches, Composes: a.composes}
	if a.known != nil {
		org.Findings = a.known
	}
	w := &work{job: a.job, Options: a.options, set: a.settings, org: org, price: p, reads: a.options.ReadFirst == job.On}
	by = w.writes()
	return by, w.composite(by)
}

// The price of a deal equals that of the rules for any rows, with rows that cannot be sent or are done, and with
// contacts that come several times.
func TestPriceIsThatOfTheRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, want := &work{job: Assign}, price{}
		for i := range rapid.IntRange(0, 6).Draw(t, "deals") {
			g := job.Group{Key: fmt.Sprint(i + 1), Rows: drawRowsOfDeal(t), Repeats: i, Superseded: 2 * i}
			var sent []string
			for _, r := range g.Rows {
				if job.IsOpen(&r) {
					sent = append(sent, r.Item)
				}
			}
			want.repeats, want.contradictions = want.repeats+int64(i), want.contradictions+2*int64(i)
			want.sent += int64(len(sent))
			want.together += fewestCalls(sent)
			if len(sent) > 0 {
				want.deals++
			}
			if err := w.Count(g); err != nil {
				t.Fatal(err)
			}
		}
		if d := cmp.Diff(want, w.price, cmp.AllowUnexported(price{})); d != "" {
			t.Fatalf("price (-model +got):\n%s", d)
		}
	})
}

// The writes go together once proven, unless the proof costs more than it saves.
func TestWaysOfWriting(t *testing.T) {
	t.Parallel()
	much, little := price{deals: 10, together: 10, sent: 200}, price{deals: 1, together: 1, sent: 5}
	for name, test := range map[string]struct {
		asks asks
		p    price
		want way
	}{
		"not known yet": {asks{job: Assign, batches: true, inFlight: 5}, much, wayProving},
		"known to merge": {
			asks{job: Assign, batches: true, inFlight: 5, known: newKnown(CollectionMerges, "")}, much, wayTogether,
		},
		"known to merge, a few": {
			asks{job: Assign, batches: true, inFlight: 25, known: newKnown(CollectionMerges, "")}, little,
			wayTogether,
		},
		"known to replace": {
			asks{job: Assign, batches: true, inFlight: 5, known: newKnown(CollectionReplaces, "")}, much,
			wayOneByOne,
		},
		"known to be refused": {
			asks{job: Assign, batches: true, inFlight: 5, known: newKnown(CollectionRefused, "")}, much,
			wayOneByOne,
		},
		"another version": {
			asks{job: Assign, inFlight: 5, known: newKnown(CollectionMerges, "")}, much, wayOneByOne,
		},
		"the user says no": {
			asks{
				job: Assign, batches: true, inFlight: 5, options: Options{OneByOne: true},
				known: newKnown(CollectionMerges, ""),
			},
			much, wayOneByOne,
		},
		"remove": {asks{job: Remove, inFlight: 5, options: Options{OneByOne: true}}, much, wayTogether},
		// 1 and 3 are less than 5
		"a few, one worker": {asks{job: Assign, batches: true, inFlight: 1}, little, wayProving},
		// 2 and 3, and 5 of the other worker, are 10
		"a few, two deals": {
			asks{job: Assign, batches: true, inFlight: 2}, price{deals: 2, together: 2, sent: 10}, wayOneByOne,
		},
		"one deal, many workers": {asks{job: Assign, batches: true, inFlight: 25}, little, wayProving},
		// 2 and 3 are 5
		"as much as without": {
			asks{job: Assign, batches: true, inFlight: 1}, price{together: 2, sent: 5}, wayOneByOne,
		},
		"a call less than it": {
			asks{job: Assign, batches: true, inFlight: 1}, price{together: 2, sent: 6}, wayProving,
		},
		"nothing to send": {asks{job: Assign, batches: true, inFlight: 5}, price{}, wayOneByOne},
		"every deal has one row": {
			asks{job: Assign, batches: true, inFlight: 5}, price{together: 1000, sent: 1000}, wayOneByOne,
		},
		"nothing kept of the org": {
			asks{job: Assign, batches: true, inFlight: 5, known: newKnown("", "")}, much, wayProving,
		},
	} {
		if got, composite := test.asks.ways(test.p); got != test.want || composite {
			t.Errorf("%s: %q, composite %v; want %q", name, got, composite, test.want)
		}
	}
}

// Five deals are read in a call only if the user wants that, or if the credits are not enough otherwise, and never if
// the org cannot do it.
func TestWaysOfReading(t *testing.T) {
	t.Parallel()
	p := price{deals: 100, together: 100, sent: 500} // one by one: 600 calls with the reads
	skip := func(c job.Choice) Options { return Options{ReadFirst: job.On, Composite: c} }
	for name, test := range map[string]struct {
		asks asks
		want bool
	}{
		"wanted":     {asks{options: skip(job.On), composes: true, inFlight: 5}, true},
		"not wanted": {asks{options: skip(job.Off), composes: true, inFlight: 5, left: 10}, false},
		"nothing is read": {
			asks{options: Options{Composite: job.On}, composes: true, inFlight: 5, left: 10}, false,
		},
		"another version":   {asks{options: skip(job.On), inFlight: 5}, false},
		"too few in flight": {asks{options: skip(job.On), composes: true, inFlight: 4}, false},
		"known to be refused": {
			asks{options: skip(job.On), composes: true, inFlight: 5, known: newKnown("", deals.Refused)}, false,
		},
		"known to work": {
			asks{options: skip(""), composes: true, inFlight: 5, known: newKnown("", deals.Works)}, false,
		},
		"credits not known": {asks{options: skip(""), composes: true, inFlight: 5}, false},
		"credits suffice":   {asks{options: skip(""), composes: true, inFlight: 5, left: 600}, false},
		"credits bind":      {asks{options: skip(""), composes: true, inFlight: 5, left: 599}, true},
		"the run's own limit binds": {
			asks{options: skip(""), settings: job.Settings{MaxCredits: 599}, composes: true, inFlight: 5}, true,
		},
		"credits suffice for writes together": {
			asks{
				options: skip(""), composes: true, inFlight: 5, left: 200, batches: true,
				known: newKnown(CollectionMerges, ""),
			},
			false,
		},
		"and do not": {
			asks{
				options: skip(""), composes: true, inFlight: 5, left: 199, batches: true,
				known: newKnown(CollectionMerges, ""),
			},
			true,
		},
		"wanted, known to be refused": {
			asks{options: skip(job.On), composes: true, inFlight: 5, left: 1, known: newKnown("", deals.Refused)},
			false,
		},
	} {
		test.asks.job = Assign
		if _, got := test.asks.ways(p); got != test.want {
			t.Errorf("%s: composite %v", name, got)
		}
	}
}

// calls returns the calls of each way. A proof costs three more calls, and five rounds in which the other workers send
// one by one.
func TestCallsByWay(t *testing.T) {
	t.Parallel()
	p := price{deals: 200, together: 200, sent: 1000}
	for _, test := range []struct {
		way      way
		inFlight int
		want     int64
	}{{wayOneByOne, 10, 1000}, {wayTogether, 10, 200}, {wayProving, 1, 203}, {wayProving, 10, 248}} {
		if got := p.calls(test.way, test.inFlight); got != test.want {
			t.Errorf("%s with %d in flight: %d calls, want %d", test.way, test.inFlight, got, test.want)
		}
	}
	for n, want := range map[int64]int64{1: 2, 5: 2, 6: 3, 5000: 1001} { // one to hold the first to
		if got := deals.CompositeReads(n); got != want {
			t.Errorf("%d deals: %d reads, want %d", n, got, want)
		}
	}
}

// A run may spend the credits of the org without the reserve, and no more than --max-credits without the credits of its
// first calls.
func TestCreditsLeft(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		org, max int
		reserve  int64
		want     int64
	}{
		{0, 0, 0, -1},
		{0, 0, 50, -1},
		{0, 100, 0, 99}, // GET /org took one
		{0, 1, 0, 0},
		{1000, 0, 0, 999},
		{1000, 0, 400, 599},
		{1000, 0, 999, 0},
		{1000, 0, 5000, 0},
		{1000, 100, 0, 99},
		{1000, 100, 950, 49},
		{50, 100, 0, 49},
	} {
		r := newRig(t, peopled())
		org, err := r.Connect(
			t.Context(),
			job.Settings{MaxCredits: test.max},
			job.Hooks{Attempt: func(api.Attempt) {}, Episode: func(pace.Episode) {}},
		)
		if err != nil {
			t.Fatal(err)
		}
		org.Pacer.Account(nil, pace.Budget{Credits: test.org, Reserve: int(test.reserve)})
		org.Reserve = test.reserve
		if got := org.Left(job.Settings{MaxCredits: test.max}); got != test.want {
			t.Errorf("%+v: %d left, want %d", test, got, test.want)
		}
	}
}

// A dry run shows the same price and way as the run, and whether the credits are enough.
func TestDryRunTellsThePrice(t *testing.T) {
	t.Parallel()
	virtually(t, peopled(onEach(1, 20, 50, "Purchasing")...), func(t *testing.T, r *rig) {
		r.batched(nil)
		q := r.request(Assign, jobtest.Triples(fives(1, 20)...))
		q.DryRun, q.Settings.MaxCredits = true, 30
		plan := r.run(q).Summary.Plan
		if plan.Deals != 20 || plan.OneByOne != 100 || plan.Together != 20 || plan.Calls != 20+3+5*3 ||
			plan.Way != string(wayProving) ||
			plan.Fits ||
			plan.CreditsLeft != 28 ||
			plan.DealReads != 20 ||
			plan.CompositeReads != 5 {
			t.Errorf("%+v", plan)
		}
		if d := cmp.Diff(len(onEach(1, 20, 50, "")), len(r.State())); d != "" {
			t.Errorf("a dry run wrote: %s", d)
		}
	})
}

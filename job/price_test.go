package job

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"rolecall/api"
	"rolecall/api/pace"
	"rolecall/job/deals"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// modelPrice is the price by the rules alone: which rows are sent, and the fewest calls that keep their order, with a contact once and a hundred rows at most in a call.
func modelPrice(deals []dealRows, roles map[int64]orgRole, done map[int64]bool) (want Price) {
	for _, d := range deals {
		latest := map[recordID]dealRow{}
		var sent []recordID
		for _, r := range d.rows {
			before, again := latest[r.contact]
			latest[r.contact] = r
			_, known := roles[r.role]
			usable := again && !before.bad && roles[before.role].ID != ""
			switch {
			case r.bad || !known:
				continue
			case usable && roles[before.role].ID == roles[r.role].ID:
				want.Repeats++
				continue
			case usable:
				want.Contradictions++
			}
			if !done[r.row] {
				sent = append(sent, r.contact)
			}
		}
		want.Sent += int64(len(sent))
		want.OneByOne += int64(len(sent))
		want.Together += fewestCalls(sent)
		if len(sent) > 0 {
			want.Deals++
		}
	}
	return want
}

// fewestCalls tries every way to cut the rows into calls.
func fewestCalls(sent []recordID) int64 {
	fewest := make([]int64, len(sent)+1) // for the rows from i on
	for i := len(sent) - 1; i >= 0; i-- {
		fewest[i] = int64(len(sent))
		in := map[recordID]bool{}
		for j := i; j < len(sent) && len(in) < 100 && !in[sent[j]]; j++ {
			in[sent[j]] = true
			fewest[i] = min(fewest[i], 1+fewest[j+1])
		}
	}
	return fewest[0]
}

// The price is that of the rules, whatever the rows: repeats, contradictions, rows that cannot be sent or are done.
func TestPriceIsThatOfTheRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b, done, isDone := batcher{command: Assign, roles: testRoles()}, &rowSet{}, map[int64]bool{}
		var deals []dealRows
		var got Price
		first := int64(0)
		for i := range rapid.IntRange(0, 6).Draw(t, "deals") {
			d := drawDeal(t)
			d.deal = recordID{n: int64(i + 1)}
			for k := range d.rows {
				first++
				d.rows[k].row = first
				if rapid.IntRange(0, 9).Draw(t, "done") == 0 {
					done.add(first)
					isDone[first] = true
				}
			}
			deals = append(deals, d)
			got.add(b.plan(d), done.has)
		}
		if d := cmp.Diff(modelPrice(deals, b.roles, isDone), got); d != "" {
			t.Fatalf("price (-model +got):\n%s", d)
		}
	})
}

// The calls that are announced are those that are made, by each way, where nothing is known to Zoho that the file does not say.
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
					lines = append(lines, fmt.Sprintf("%d %d %s", draw.IntN(4)+1, draw.IntN([]int{20, 500}[seed%2])+1, role))
				}
				virtually(t, peopled(), func(t *testing.T, r *rig) {
					r.batched(newKnown(finding, ""))
					w := r.listen()
					res := r.run(r.request(Assign, triples(lines...)))
					plan := res.Summary.Plan
					if n := int64(len(w.list())); n != plan.Calls || plan.Calls != map[string]int64{CollectionRefused: plan.OneByOne, CollectionMerges: plan.Together}[finding] {
						t.Errorf("%d calls, plan %+v", n, plan)
					}
					if spent := res.Summary.Spent; spent.Credits != plan.Calls+plan.Reads || res.Summary.Rows.Success != plan.Sent+plan.Repeats {
						t.Errorf("spent %+v, plan %+v, rows %+v", spent, plan, res.Summary.Rows)
					}
				})
			})
		}
	}
}

// asks is an org and what the user wants of it.
type asks struct {
	command  Command
	settings Settings
	batches  bool
	composes bool
	inFlight int
	known    *known
	left     int // credits of the org; 0: not known
}

func (a asks) ways(p Price) (way, bool) {
	pacer := pace.New(pace.Config{InFlight: a.inFlight})
	pacer.Account(nil, pace.Budget{Credits: a.left})
	org := &Org{Pacer: pacer, InFlight: a.inFlight, Batches: a.batches, Composes: a.composes}
	if a.known != nil {
		org.Findings = a.known
	}
	return (&run{command: a.command, settings: a.settings}).ways(org, p)
}

// The way of the writes: proven first, and not where the proof costs more than it saves.
func TestWaysOfWriting(t *testing.T) {
	t.Parallel()
	much, little := Price{Deals: 10, OneByOne: 200, Together: 10, Sent: 200}, Price{Deals: 1, OneByOne: 5, Together: 1, Sent: 5}
	for name, test := range map[string]struct {
		asks asks
		p    Price
		want way
	}{
		"not known yet":           {asks{command: Assign, batches: true, inFlight: 5}, much, wayProving},
		"known to merge":          {asks{command: Assign, batches: true, inFlight: 5, known: newKnown(CollectionMerges, "")}, much, wayTogether},
		"known to merge, a few":   {asks{command: Assign, batches: true, inFlight: 25, known: newKnown(CollectionMerges, "")}, little, wayTogether},
		"known to replace":        {asks{command: Assign, batches: true, inFlight: 5, known: newKnown(CollectionReplaces, "")}, much, wayOneByOne},
		"known to be refused":     {asks{command: Assign, batches: true, inFlight: 5, known: newKnown(CollectionRefused, "")}, much, wayOneByOne},
		"another version":         {asks{command: Assign, inFlight: 5, known: newKnown(CollectionMerges, "")}, much, wayOneByOne},
		"the user says no":        {asks{command: Assign, batches: true, inFlight: 5, settings: Settings{OneByOne: true}, known: newKnown(CollectionMerges, "")}, much, wayOneByOne},
		"remove":                  {asks{command: Remove, inFlight: 5, settings: Settings{OneByOne: true}}, much, wayTogether},
		"a few, one worker":       {asks{command: Assign, batches: true, inFlight: 1}, little, wayProving},                                                // 1 and 3 are less than 5
		"a few, two deals":        {asks{command: Assign, batches: true, inFlight: 2}, Price{Deals: 2, OneByOne: 10, Together: 2, Sent: 10}, wayOneByOne}, // 2 and 3, and 5 of the other worker, are 10
		"one deal, many workers":  {asks{command: Assign, batches: true, inFlight: 25}, little, wayProving},
		"as much as without":      {asks{command: Assign, batches: true, inFlight: 1}, Price{OneByOne: 5, Together: 2}, wayOneByOne},       // 2 and 3 are 5
		"a call less than it":     {asks{command: Assign, batches: true, inFlight: 1}, Price{OneByOne: 6, Together: 2}, wayProving},        //
		"nothing to send":         {asks{command: Assign, batches: true, inFlight: 5}, Price{}, wayOneByOne},                               //
		"every deal has one row":  {asks{command: Assign, batches: true, inFlight: 5}, Price{OneByOne: 1000, Together: 1000}, wayOneByOne}, //
		"nothing kept of the org": {asks{command: Assign, batches: true, inFlight: 5, known: newKnown("", "")}, much, wayProving},
	} {
		if got, composite := test.asks.ways(test.p); got != test.want || composite {
			t.Errorf("%s: %q, composite %v; want %q", name, got, composite, test.want)
		}
	}
}

// The way of the reads: five to a call only where that is wanted, or where credits are what binds, and never where it cannot be.
func TestWaysOfReading(t *testing.T) {
	t.Parallel()
	p := Price{Deals: 100, OneByOne: 500, Together: 100, Sent: 500} // one by one: 600 calls with the reads
	skip := func(c Choice) Settings { return Settings{SkipUnchanged: true, Composite: c} }
	for name, test := range map[string]struct {
		asks asks
		want bool
	}{
		"wanted":                              {asks{settings: skip(On), composes: true, inFlight: 5}, true},
		"not wanted":                          {asks{settings: skip(Off), composes: true, inFlight: 5, left: 10}, false},
		"nothing is read":                     {asks{settings: Settings{Composite: On}, composes: true, inFlight: 5, left: 10}, false},
		"another version":                     {asks{settings: skip(On), inFlight: 5}, false},
		"too few in flight":                   {asks{settings: skip(On), composes: true, inFlight: 4}, false},
		"known to be refused":                 {asks{settings: skip(On), composes: true, inFlight: 5, known: newKnown("", deals.Refused)}, false},
		"known to work":                       {asks{settings: skip(""), composes: true, inFlight: 5, known: newKnown("", deals.Works)}, false},
		"credits not known":                   {asks{settings: skip(""), composes: true, inFlight: 5}, false},
		"credits suffice":                     {asks{settings: skip(""), composes: true, inFlight: 5, left: 600}, false},
		"credits bind":                        {asks{settings: skip(""), composes: true, inFlight: 5, left: 599}, true},
		"the run's own limit binds":           {asks{settings: Settings{SkipUnchanged: true, MaxCredits: 599}, composes: true, inFlight: 5}, true},
		"credits suffice for writes together": {asks{settings: skip(""), composes: true, inFlight: 5, left: 200, batches: true, known: newKnown(CollectionMerges, "")}, false},
		"and do not":                          {asks{settings: skip(""), composes: true, inFlight: 5, left: 199, batches: true, known: newKnown(CollectionMerges, "")}, true},
		"wanted, known to be refused":         {asks{settings: skip(On), composes: true, inFlight: 5, left: 1, known: newKnown("", deals.Refused)}, false},
	} {
		test.asks.command = Assign
		if _, got := test.asks.ways(p); got != test.want {
			t.Errorf("%s: composite %v", name, got)
		}
	}
}

// How many calls the rows make by each way. A proof is three calls more, and five rounds in which the other workers go one by one.
func TestCallsByWay(t *testing.T) {
	t.Parallel()
	p := Price{Deals: 200, OneByOne: 1000, Together: 200}
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

// What a run may still spend: what the org has without the reserve, and no more than the user allows, of which the first calls took a part.
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
		org, err := r.connect(t.Context(), Settings{MaxCredits: test.max}, Hooks{Attempt: func(api.Attempt) {}, Episode: func(pace.Episode) {}})
		if err != nil {
			t.Fatal(err)
		}
		org.Pacer.Account(nil, pace.Budget{Credits: test.org, Reserve: int(test.reserve)})
		org.Reserve = test.reserve
		if got := org.Left(Settings{MaxCredits: test.max}); got != test.want {
			t.Errorf("%+v: %d left, want %d", test, got, test.want)
		}
	}
}

// A dry run tells the same price as the run, by the way that will be taken, and whether the credits suffice.
func TestDryRunTellsThePrice(t *testing.T) {
	t.Parallel()
	virtually(t, peopled(onEach(1, 20, 50, "Purchasing")...), func(t *testing.T, r *rig) {
		r.batched(nil)
		q := r.request(Assign, triples(fives(1, 20)...))
		q.DryRun, q.Settings.MaxCredits = true, 30
		plan := r.run(q).Summary.Plan
		if plan.Deals != 20 || plan.OneByOne != 100 || plan.Together != 20 || plan.Calls != 20+3+5*3 || plan.Way != string(wayProving) || plan.Fits || plan.CreditsLeft != 28 || plan.DealReads != 20 || plan.CompositeReads != 5 {
			t.Errorf("%+v", plan)
		}
		if d := cmp.Diff(len(onEach(1, 20, 50, "")), len(r.state())); d != "" {
			t.Errorf("a dry run wrote: %s", d)
		}
	})
}

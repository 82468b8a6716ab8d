package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// lines joins the lines of a summary.
func lines(l ...string) string { return strings.Join(l, "\n") + "\n" }

func TestWriteText(t *testing.T) {
	t.Parallel()
	files := Files{
		Results: "run/results.csv", Failed: "run/failed.csv", Summary: "run/summary.json", Log: "run/log.jsonl",
	}
	input := Input{Name: "in.csv", Dialect: "utf-8, comma"}
	for _, test := range []struct {
		name string
		sum  Summary
		want string
	}{
		{"finished", Summary{
			Command: "assign", Input: input, State: Finished, Seconds: 83.2, Files: files,
			Rows: Rows{Total: 1200, Success: 1200, Assigned: 1199, Unchanged: 1}, Plan: Plan{Repeats: 1},
			Spent: Spent{Calls: 1201, Credits: 1201},
		}, lines(
			"assign of in.csv finished in 1m23s",
			"  input    utf-8, comma",
			"  rows     1,200: 1,199 assigned, 1 unchanged",
			"           repeats of an earlier row, not sent: 1",
			"  spent    1,201 calls, 1,201 credits",
			"  results  run/results.csv")},
		{"finished with failures", Summary{
			Command: "remove", Input: input, State: Finished, Seconds: 0.04, Files: files,
			Rows: Rows{Total: 3, Success: 1, Error: 2, Removed: 1}, Plan: Plan{Contradictions: 1000},
			Spent: Spent{Calls: 1, Credits: 1, Retries: 2, Episodes: 1},
			Errors: []Group{
				{Code: "INVALID_DATA", Message: "invalid\n data", Rows: 2, Line: 3, Advice: "look the deal up"},
			},
		}, lines(
			"remove of in.csv finished in 40ms",
			"  input    utf-8, comma",
			"  rows     3: 1 removed, 2 failed",
			"           another role for a contact than in its last row, not sent: 1,000",
			"  spent    1 call, 1 credit; 2 retries, 1 times told to slow down (429)",
			"  failed",
			"    2 × INVALID_DATA: invalid data (first at in.csv:3)",
			"      -> look the deal up",
			"  results  run/results.csv",
			"  failed   run/failed.csv")},
		{"stopped", Summary{
			Command: "assign", Input: input, State: Stopped, Stopped: "no call\nanswered  for 2m0s", Files: files,
			Next: "rolecall resume run",
			Rows: Rows{Total: 10, Success: 4, Assigned: 4, NotAttempted: 6},
		}, lines(
			"stopped: no call answered for 2m0s",
			"  input    utf-8, comma",
			"  rows     10: 4 assigned, 6 not attempted",
			"  results  run/results.csv",
			"go on with: rolecall resume run")},
		{"dry run", Summary{
			Command: "assign", Input: input, State: DryRun, Spent: Spent{Calls: 2, Credits: 2},
			Rows: Rows{Total: 5, Error: 1, NotAttempted: 4}, Plan: Plan{
				Deals: 1, Calls: 3, Reads: 2, Sent: 3, Repeats: 1, OneByOne: 3, Together: 1, Way: "one by one",
				DealReads: 1, CompositeReads: 2,
				Cost: Cost{InFlight: 10, CallMilliseconds: 120, Seconds: 36, CreditsLeft: 2},
			},
			Errors: []Group{{Code: "ID_MISSING", Message: "no deal id", Rows: 1, Line: 2}},
		}, lines(
			"dry run of assign in.csv: nothing was sent",
			"  input    utf-8, comma",
			"  rows     5: 1 failed, 4 not attempted",
			"           repeats of an earlier row, not sent: 1",
			"  price    3 rows on 1 deal: 3 calls one by one, or 1 call with the contacts of a deal together; "+
				"one credit a call, and 2 reads before them",
			"           this run cannot be undone, because it does not read the deals first: "+
				"--read-first on costs 1 read more (or 2 composite reads)",
			"  way      one by one, 3 calls",
			"  time     about 36s with 10 calls in flight, if a call goes on taking 120ms",
			"  credits  2 left: it may not fit; resume sends the rest later",
			"  failed",
			"    1 × ID_MISSING: no deal id (first at in.csv:2)")},
		{"no rows", Summary{Command: "assign", Input: Input{Name: "in.csv"}, State: Finished, Files: files}, lines(
			"assign of in.csv finished in 0s",
			"  rows     none: the file has no data rows",
			"  results  run/results.csv")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			if err := test.sum.WriteText(&b); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, b.String()); d != "" {
				t.Errorf("text (-want +got):\n%s", d)
			}
		})
	}
}

// The text shows five groups, and says how many more there are and where. If the messages of a group differ, it shows
// one as an example.
func TestWriteTextOfManyGroups(t *testing.T) {
	t.Parallel()
	sum := Summary{
		Command: "assign", Input: Input{Name: "in.csv"}, State: Finished, Rows: Rows{Total: 36, Error: 36},
		Files: Files{Failed: "run/failed.csv"},
	}
	for n := 1; n <= 8; n++ {
		sum.Errors = append(sum.Errors, Group{
			Code: fmt.Sprintf("CODE_%d", n), Message: strings.Repeat("ö", 109+n%2*2), Various: n == 2,
			Rows: int64(n), Line: int64(n),
		})
	}
	shown := func(groups int) string {
		s := sum
		s.Errors = sum.Errors[:groups]
		var b strings.Builder
		if err := s.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for groups, more := range map[int]string{
		5: "", 6: "and 1 more kind, in run/failed.csv", 8: "and 3 more kinds, in run/failed.csv",
	} {
		got := shown(groups)
		if n := strings.Count(got, " × "); n != 5 || strings.Contains(got, "CODE_6") ||
			!strings.Contains(got, more) || (more == "") == strings.Contains(got, "more kind") {
			t.Errorf("%d groups:\n%s", groups, got)
		}
	}
	got := shown(2)
	for _, want := range []string{
		"2 × CODE_2, such as: " + strings.Repeat("ö", 109) + " (first at in.csv:2)",
		"1 × CODE_1: " + strings.Repeat("ö", 109) + "… (first", // a message of 110 characters
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}

// broken is a writer that always fails.
type broken struct{}

var errBroken = errors.New("broken")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestWritersTellOfErrors(t *testing.T) {
	t.Parallel()
	if err := (&Summary{}).WriteText(broken{}); !errors.Is(err, errBroken) {
		t.Errorf("text: %v", err)
	}
	if err := (&Summary{}).WriteJSON(broken{}, true); !errors.Is(err, errBroken) {
		t.Errorf("JSON: %v", err)
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 12345: "12,345", 999999: "999,999", 1000000: "1,000,000", -5: "-5",
		-999: "-999", -1000: "-1,000", -123456: "-123,456",
		math.MaxInt64: "9,223,372,036,854,775,807", math.MinInt64: "-9,223,372,036,854,775,808",
	} {
		if got := Count(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		if got := strings.ReplaceAll(Count(n), ",", ""); got != fmt.Sprint(n) {
			t.Fatalf("%d came back as %s", n, got)
		}
	})
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		d    time.Duration
		want string
	}{
		{0, "0s"}, {40 * time.Millisecond, "40ms"}, {1400 * time.Millisecond, "1.4s"}, {12 * time.Second, "12s"},
		{12*time.Second + 400*time.Millisecond, "12s"},
		{200 * time.Second, "3m20s"}, {time.Minute, "1m0s"}, {2*time.Hour + 5*time.Minute, "2h5m"},
		{2*time.Hour + 5*time.Minute + 10*time.Second, "2h5m"},
		{time.Hour, "1h0m"}, {20 * time.Hour, "20h0m"}, {10*time.Hour + 10*time.Minute, "10h10m"},
		{30 * time.Hour, "30h0m"},
	} {
		if got := Duration(test.d); got != test.want {
			t.Errorf("%v: got %s, want %s", test.d, got, test.want)
		}
	}
}

// Machines read the JSON. It has these keys, and new versions only add keys.
func TestJSONKeys(t *testing.T) {
	t.Parallel()
	want := []string{
		"changes", "changes.added", "changes.changed_since",
		"changes.list", "changes.list[].contact", "changes.list[].contact_id",
		"changes.list[].deal", "changes.list[].deal_id", "changes.list[].do", "changes.list[].now",
		"changes.list[].prior_role",
		"changes.list[].role", "changes.list[].row", "changes.removed", "changes.unknown", "changes.updated",
		"command", "deletions", "deletions.count", "deletions.deals", "deletions.deals_emptied", "deletions.first",
		"deletions.of", "deletions.warning", "errors", "errors[].advice", "errors[].code", "errors[].first_line",
		"errors[].first_lines", "errors[].message", "errors[].other_value_rows",
		"errors[].rows", "errors[].values", "errors[].values[].first_lines", "errors[].values[].rows",
		"errors[].values[].value",
		"errors[].various_messages",
		"files", "files.before", "files.failed", "files.failed_xlsx", "files.log", "files.pruned", "files.results",
		"files.role_map",
		"files.summary", "files.undo", "finished", "input", "input.dialect", "input.name", "input.sha256", "next",
		"notes",
		"plan", "plan.call_milliseconds", "plan.calls", "plan.calls_one_by_one", "plan.calls_together",
		"plan.composite", "plan.composite_reads", "plan.contradictions", "plan.credits_left",
		"plan.deal_reads", "plan.deals", "plan.fits", "plan.in_flight", "plan.read_first", "plan.reads", "plan.reads_all_first",
		"plan.repeats",
		"plan.rows_sent", "plan.seconds", "plan.way",
		"roles", "roles.beyond", "roles.calls", "roles.credits_left", "roles.fits", "roles.foreign_ids",
		"roles.foreseen_refusals", "roles.not_pruned", "roles.order_differs", "roles.order_differs[].do",
		"roles.order_differs[].name",
		"roles.passing_names", "roles.passing_names[].do", "roles.passing_names[].name", "roles.prune",
		"roles.pruned", "roles.reads", "roles.steps", "roles.steps[].do", "roles.steps[].from", "roles.steps[].id",
		"roles.steps[].name", "roles.steps[].new_name", "roles.steps[].row", "roles.steps[].to",
		"roles.unchanged", "roles.unusable",
		"rows", "rows.added", "rows.assigned", "rows.created", "rows.deleted", "rows.error", "rows.inserted", "rows.not_attempted",
		"rows.removed", "rows.success", "rows.total", "rows.unchanged", "rows.updated",
		"run_dir", "seconds", "spent", "spent.calls", "spent.calls_by_kind", "spent.credits", "spent.milliseconds_p50",
		"spent.milliseconds_p99", "spent.retries",
		"spent.seconds_at_the_limit", "spent.seconds_waiting", "spent.too_many_requests_episodes",
		"started", "state", "stopped_because", "unknown_roles", "unknown_roles.more_rows",
		"unknown_roles.names", "unknown_roles.names[].name", "unknown_roles.names[].nearest",
		"unknown_roles.names[].rows", "unknown_roles.org_roles", "version",
	}
	full := Summary{
		Roles: &Roles{
			Foreign: true, Prune: true, Passing: []RoleStep{{}},
			Steps: []RoleStep{{Row: 1, ID: "1", NewName: "n", From: 1, To: 2}}, Beyond: []string{"b"},
			Refusals: []string{"r"}, Differs: []RoleStep{{}},
		},
		UnknownRoles: &UnknownRoles{
			Names: []UnknownRole{{Nearest: []string{"n"}}}, More: 1, Org: []string{"o"},
		},
		Deletions: &Deletions{Deals: 1, Emptied: 1, First: []string{"f"}, Warning: "w"},
		Changes: &Preview{
			Unknown: 1, ChangedSince: 1,
			List: []Change{{Deal: "d", Contact: "c", Role: "r", PriorRole: "p", Now: "n"}},
		},
		RunDir: "r", Stopped: "s", Next: "n", Errors: []Group{{
			Various: true, Advice: "a", Lines: []int64{1}, OtherRows: 1, Values: []GroupValue{{Lines: []int64{1}}},
		}},
		Files: Files{"a", "b", "c", "d", "e", "f", "g", "h", "i"}, Notes: []string{"n"},
	}
	if d := cmp.Diff(want, keys(t, &full)); d != "" {
		t.Errorf("keys (-want +got):\n%s", d)
	}
	// The keys that every summary has.
	optional := []string{
		"run_dir", "stopped_because", "next", "notes", "files.before", "files.failed", "files.failed_xlsx",
		"files.log", "files.pruned", "files.results", "files.role_map", "files.summary", "files.undo",
		"errors[].advice", "errors[].code", "errors[].first_line", "errors[].first_lines", "errors[].message",
		"errors[].other_value_rows",
		"errors[].rows", "errors[].values", "errors[].values[].first_lines", "errors[].values[].rows",
		"errors[].values[].value",
		"errors[].various_messages",
	}
	always := slices.DeleteFunc(want, func(k string) bool {
		return slices.Contains(optional, k) || strings.HasPrefix(k, "roles") || strings.HasPrefix(k, "changes") ||
			strings.HasPrefix(k, "deletions") || strings.HasPrefix(k, "unknown_roles")
	})
	if d := cmp.Diff(always, keys(t, &Summary{Errors: []Group{}})); d != "" {
		t.Errorf("keys of an empty one (-want +got):\n%s", d)
	}
}

// keys lists the keys of a summary's JSON, sorted.
func keys(t *testing.T, s *Summary) (all []string) {
	t.Helper()
	var b bytes.Buffer
	if err := s.WriteJSON(&b, false); err != nil {
		t.Fatal(err)
	}
	var walk func(prefix string, raw json.RawMessage)
	walk = func(prefix string, raw json.RawMessage) {
		var object map[string]json.RawMessage
		var list []json.RawMessage
		if json.Unmarshal(raw, &object) == nil {
			for key, value := range object {
				name := strings.TrimPrefix(prefix+"."+key, ".")
				all = append(all, name)
				walk(name, value)
			}
		} else if json.Unmarshal(raw, &list) == nil {
			for _, value := range list {
				walk(prefix+"[]", value)
			}
		}
	}
	walk("", b.Bytes())
	slices.Sort(all)
	return slices.Compact(all)
}

// The JSON is on one line for a pipe, and on several lines for a file. Readable characters are not escaped, and the
// JSON decodes to the same summary.
func TestWriteJSON(t *testing.T) {
	t.Parallel()
	sum := Summary{
		Command: "assign", Next: "rolecall resume 'a&b'", Errors: []Group{{Code: "<X>", Rows: 2}},
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Seconds: 1.5,
	}
	for _, indent := range []bool{false, true} {
		var b bytes.Buffer
		if err := sum.WriteJSON(&b, indent); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		if !strings.HasSuffix(text, "}\n") || (strings.Count(text, "\n") > 1) != indent ||
			!strings.Contains(text, `resume 'a&b'`) || !strings.Contains(text, "<X>") {
			t.Errorf("indent %v: %s", indent, text)
		}
		var back Summary
		if err := json.Unmarshal(b.Bytes(), &back); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(sum, back); d != "" {
			t.Errorf("came back (-want +got):\n%s", d)
		}
	}
}

func TestSpentAdd(t *testing.T) {
	t.Parallel()
	before := Spent{
		Calls: 1, Kinds: map[string]int64{"GET /org": 1}, Credits: 2, Retries: 3, Episodes: 4, AtLimit: 5, Waiting: 6,
		P50: 7, P99: 8,
	}
	later := Spent{
		Calls: 10, Kinds: map[string]int64{"GET /org": 2, "PUT": 8}, Credits: 20, Retries: 30, Episodes: 40,
		AtLimit: 50, Waiting: 60, P50: 70, P99: 80,
	}
	want := Spent{
		Calls: 11, Kinds: map[string]int64{"GET /org": 3, "PUT": 8}, Credits: 22, Retries: 33, Episodes: 44,
		AtLimit: 55, Waiting: 66, P50: 70, P99: 80,
	}
	if d := cmp.Diff(want, before.Add(later)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if before.Kinds["GET /org"] != 1 {
		t.Error("what was added to has changed")
	}
}

// The time is that of the calls at the limit of calls in flight, or at --rate if that is slower. A composite request
// counts for five calls in flight and costs one credit.
func TestReckon(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		plan    Plan
		rate    float64
		seconds float64
		fits    bool
	}{
		"at the limit": {
			Plan{Calls: 1000, Deals: 500, Cost: Cost{InFlight: 10, CallMilliseconds: 100, CreditsLeft: 1000}}, 0, 10, true,
		},
		"one credit too few": {
			Plan{Calls: 1000, Deals: 500, Cost: Cost{InFlight: 10, CallMilliseconds: 100, CreditsLeft: 999}}, 0, 10, false,
		},
		"credits not known": {
			Plan{Calls: 1000, Deals: 500, Cost: Cost{InFlight: 10, CallMilliseconds: 100, CreditsLeft: -1}}, 0, 10, true,
		},
		"the rate is slower": {
			Plan{Calls: 1000, Deals: 500, Cost: Cost{InFlight: 10, CallMilliseconds: 100, CreditsLeft: -1}}, 20, 50, true,
		},
		"the rate is no matter": {
			Plan{Calls: 1000, Deals: 500, Cost: Cost{InFlight: 10, CallMilliseconds: 100, CreditsLeft: -1}}, 200, 10, true,
		},
		"with reads": {
			Plan{
				Calls: 1000, Deals: 500, ReadFirst: true, DealReads: 500, Cost: Cost{InFlight: 10, CallMilliseconds: 100,
					CreditsLeft: 1500},
			},
			0, 15, true,
		},
		"with composite reads": {
			Plan{
				Calls: 1000, Deals: 500, ReadFirst: true, Composite: true, DealReads: 500, CompositeReads: 101,
				Cost: Cost{InFlight: 10, CallMilliseconds: 100, CreditsLeft: 1101},
			},
			0, 15.05, true,
		},
		"a deal has one call at a time": {
			Plan{Calls: 100, Deals: 2, Cost: Cost{InFlight: 10, CallMilliseconds: 100, CreditsLeft: -1}}, 0, 5, true,
		},
	} {
		test.plan.Reckon(test.rate, 5)
		if test.plan.Seconds != test.seconds || test.plan.Fits != test.fits {
			t.Errorf("%s: %v s, fits %v", name, test.plan.Seconds, test.plan.Fits)
		}
	}
}

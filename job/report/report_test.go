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
	files := Files{Results: "run/results.csv", Failed: "run/failed.csv", Summary: "run/summary.json", Log: "run/log.jsonl"}
	input := Input{Name: "in.csv", Dialect: "utf-8, comma"}
	for _, test := range []struct {
		name string
		sum  Summary
		want string
	}{
		{"finished", Summary{
			Command: "assign", Input: input, State: Finished, Seconds: 83.2, Files: files,
			Rows: Rows{Total: 1200, Success: 1200, Assigned: 1199, Unchanged: 1}, Plan: Plan{Repeats: 1}, Spent: Spent{Calls: 1201, Credits: 1201},
		}, lines(
			"assign of in.csv finished in 1m23s",
			"  input    utf-8, comma",
			"  rows     1,200: 1,199 assigned, 1 unchanged",
			"           repeats of an earlier row, not sent: 1",
			"  spent    1,201 calls, 1,201 credits",
			"  results  run/results.csv")},
		{"finished with failures", Summary{
			Command: "remove", Input: input, State: Finished, Seconds: 0.04, Files: files,
			Rows: Rows{Total: 3, Success: 1, Error: 2, Removed: 1}, Plan: Plan{Contradictions: 1000}, Spent: Spent{Calls: 1, Credits: 1, Retries: 2, Episodes: 1},
			Errors: []Group{{Code: "INVALID_DATA", Message: "invalid\n data", Rows: 2, Line: 3, Advice: "look the deal up"}},
		}, lines(
			"remove of in.csv finished in 40ms",
			"  input    utf-8, comma",
			"  rows     3: 1 removed, 2 failed",
			"           giving a contact another role than an earlier row does, the last one wins: 1,000",
			"  spent    1 call, 1 credit; 2 retries, 1 times told to slow down (429)",
			"  failed",
			"    2 × INVALID_DATA: invalid data (first at in.csv:3)",
			"      -> look the deal up",
			"  results  run/results.csv",
			"  failed   run/failed.csv")},
		{"stopped", Summary{
			Command: "assign", Input: input, State: Stopped, Stopped: "no call\nanswered  for 2m0s", Files: files, Next: "rolecall resume run",
			Rows: Rows{Total: 10, Success: 4, Assigned: 4, NotAttempted: 6},
		}, lines(
			"stopped: no call answered for 2m0s",
			"  input    utf-8, comma",
			"  rows     10: 4 assigned, 6 not attempted",
			"  results  run/results.csv",
			"go on with: rolecall resume run")},
		{"dry run", Summary{
			Command: "assign", Input: input, State: DryRun, Spent: Spent{Calls: 2, Credits: 2},
			Rows: Rows{Total: 5, Error: 1, NotAttempted: 4}, Plan: Plan{Deals: 1, Calls: 3, Reads: 2, Sent: 3, Repeats: 1},
			Errors: []Group{{Code: "ID_MISSING", Message: "no deal id", Rows: 1, Line: 2}},
		}, lines(
			"dry run of assign in.csv: nothing was sent",
			"  input    utf-8, comma",
			"  rows     5: 1 failed, 4 not attempted",
			"           repeats of an earlier row, not sent: 1",
			"  price    3 calls for 3 rows on 1 deal, and 2 reads before them; one credit each",
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

// People are shown five groups and told how many more there are and where;
// messages that differ within a group are an example.
func TestWriteTextOfManyGroups(t *testing.T) {
	t.Parallel()
	sum := Summary{Command: "assign", Input: Input{Name: "in.csv"}, State: Finished, Rows: Rows{Total: 36, Error: 36}, Files: Files{Failed: "run/failed.csv"}}
	for n := 1; n <= 8; n++ {
		sum.Errors = append(sum.Errors, Group{Code: fmt.Sprintf("CODE_%d", n), Message: strings.Repeat("ö", 109+n%2*2), Various: n == 2, Rows: int64(n), Line: int64(n)})
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
	for groups, more := range map[int]string{5: "", 6: "and 1 more kinds, in run/failed.csv", 8: "and 3 more kinds, in run/failed.csv"} {
		got := shown(groups)
		if n := strings.Count(got, " × "); n != 5 || strings.Contains(got, "CODE_6") || !strings.Contains(got, more) || (more == "") == strings.Contains(got, "more kinds") {
			t.Errorf("%d groups:\n%s", groups, got)
		}
	}
	got := shown(2)
	if want := "2 × CODE_2, such as: " + strings.Repeat("ö", 109) + " (first at in.csv:2)"; !strings.Contains(got, want) {
		t.Errorf("no %q in:\n%s", want, got)
	}
	if want := "1 × CODE_1: " + strings.Repeat("ö", 109) + "… (first"; !strings.Contains(got, want) { // 110 characters in all
		t.Errorf("no %q in:\n%s", want, got)
	}
}

// broken takes nothing.
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
		0: "0", 7: "7", 999: "999", 1000: "1,000", 12345: "12,345", 999999: "999,999", 1000000: "1,000,000", -5: "-5", -999: "-999", -1000: "-1,000", -123456: "-123,456",
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
		{0, "0s"}, {40 * time.Millisecond, "40ms"}, {1400 * time.Millisecond, "1.4s"}, {12 * time.Second, "12s"}, {12*time.Second + 400*time.Millisecond, "12s"},
		{200 * time.Second, "3m20s"}, {time.Minute, "1m0s"}, {2*time.Hour + 5*time.Minute, "2h5m"}, {2*time.Hour + 5*time.Minute + 10*time.Second, "2h5m"},
		{time.Hour, "1h0m"}, {20 * time.Hour, "20h0m"}, {10*time.Hour + 10*time.Minute, "10h10m"}, {30 * time.Hour, "30h0m"},
	} {
		if got := Duration(test.d); got != test.want {
			t.Errorf("%v: got %s, want %s", test.d, got, test.want)
		}
	}
}

// The JSON is read by machines: its keys are these, and are only ever added to.
func TestJSONKeys(t *testing.T) {
	t.Parallel()
	want := []string{
		"command", "errors", "errors[].advice", "errors[].code", "errors[].first_line", "errors[].message", "errors[].rows", "errors[].various_messages",
		"files", "files.failed", "files.log", "files.results", "files.summary", "finished", "input", "input.dialect", "input.name", "input.sha256", "next",
		"plan", "plan.calls", "plan.contradictions", "plan.deals", "plan.reads", "plan.repeats", "plan.rows_sent",
		"rows", "rows.assigned", "rows.error", "rows.not_attempted", "rows.removed", "rows.success", "rows.total", "rows.unchanged",
		"run_dir", "seconds", "spent", "spent.calls", "spent.credits", "spent.retries", "spent.too_many_requests_episodes",
		"started", "state", "stopped_because", "version",
	}
	full := Summary{
		RunDir: "r", Stopped: "s", Next: "n", Errors: []Group{{Various: true, Advice: "a"}}, Files: Files{"a", "b", "c", "d"},
	}
	if d := cmp.Diff(want, keys(t, &full)); d != "" {
		t.Errorf("keys (-want +got):\n%s", d)
	}
	// Those that a machine may count on in every summary.
	optional := []string{
		"run_dir", "stopped_because", "next", "files.failed", "files.log", "files.results", "files.summary",
		"errors[].advice", "errors[].code", "errors[].first_line", "errors[].message", "errors[].rows", "errors[].various_messages",
	}
	always := slices.DeleteFunc(want, func(k string) bool { return slices.Contains(optional, k) })
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

// On one line for a pipe, over several for a file; nothing of the text is
// escaped that people would read, and it comes back as it was.
func TestWriteJSON(t *testing.T) {
	t.Parallel()
	sum := Summary{Command: "assign", Next: "rolecall resume 'a&b'", Errors: []Group{{Code: "<X>", Rows: 2}}, Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Seconds: 1.5}
	for _, indent := range []bool{false, true} {
		var b bytes.Buffer
		if err := sum.WriteJSON(&b, indent); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		if !strings.HasSuffix(text, "}\n") || (strings.Count(text, "\n") > 1) != indent || !strings.Contains(text, `resume 'a&b'`) || !strings.Contains(text, "<X>") {
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
	if got := (Spent{1, 2, 3, 4}).Add(Spent{10, 20, 30, 40}); got != (Spent{11, 22, 33, 44}) {
		t.Errorf("got %+v", got)
	}
}

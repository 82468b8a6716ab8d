package stakeholder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api"
	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

func TestAssign(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	res := r.run(
		r.request(
			Assign,
			jobtest.Triples(
				"2 1 Purchasing", "1 1 decision maker", "2 2 Executive Sponsor", "1 3 Nobody", "1 999 Purchasing",
				"1 1 Decision Maker", "99 1 Purchasing", "3",
			),
		),
	)
	want := []string{
		"1 assigned success SUCCESS", "2 assigned success SUCCESS", "3 assigned success SUCCESS",
		"4  error ROLE_UNKNOWN", "5  error INVALID_DATA",
		"6 unchanged success SUCCESS", "7  error INVALID_DATA", "8 unchanged success NO_STAKEHOLDER",
	}
	if d := cmp.Diff(want, r.Results().Column("rc_row", "rc_action", "rc_status", "rc_code")); d != "" {
		t.Errorf("results (-want +got):\n%s", d)
	}
	state := map[string]map[string]string{
		jobtest.DealID(1): {
			jobtest.ContactID(1): "Decision Maker",
		}, jobtest.DealID(2): {jobtest.ContactID(1): "Purchasing", jobtest.ContactID(2): "Executive Sponsor"},
	}
	if d := cmp.Diff(state, r.State()); d != "" {
		t.Errorf("state (-want +got):\n%s", d)
	}
	if res.Stop != nil || res.Summary.Rows.Error != 3 || res.Summary.Plan.Repeats != 1 {
		t.Errorf("stop %v, rows %+v, plan %+v", res.Stop, res.Summary.Rows, res.Summary.Plan)
	}
	if calls := r.Emu.Stats().Calls["PUT /Deals/{id}/Contact_Roles/{id}"]; calls != 5 || res.Summary.Plan.Calls != 5 {
		t.Errorf("%d calls, announced %d, want 5", calls, res.Summary.Plan.Calls)
	}
}

// Zoho's codes and messages are shown as sent (Zoho CRM API v8, Add Contact Roles to a Specific Deal, possible errors).
func TestRefusalsAreShownAsSent(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	r.run(r.request(Assign, jobtest.Triples("99 1 Purchasing", "1 999 Purchasing")))
	want := []string{
		"INVALID_DATA|the related id given seems to be invalid|" + `{"resource_path_index":1}` + "|400|1",
		"INVALID_DATA|the id given seems to be invalid|{}|400|1",
	}
	got := r.Results().Column("rc_code", "rc_message", "rc_details", "rc_http", "rc_attempts")
	for i, row := range r.Results().Rows {
		got[i] = strings.Join(
			[]string{row["rc_code"], row["rc_message"], row["rc_details"], row["rc_http"], row["rc_attempts"]}, "|",
		)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("results (-want +got):\n%s", d)
	}
}

func TestFailedRowsCanBeFedBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	r.run(r.request(Assign, jobtest.Triples("1 1 Purchasing", "1 2 Nobody", "99 1 Purchasing")))
	failed, err := os.ReadFile(filepath.Join(r.Dir, "run", rundir.Failed))
	if err != nil {
		t.Fatal(err)
	}
	q := r.request(Assign, string(failed))
	q.RunDir = filepath.Join(r.Dir, "again")
	res := r.run(q)
	if res.Summary.Rows.Total != 2 || res.Summary.Rows.Error != 2 {
		t.Errorf("rows %+v", res.Summary.Rows)
	}
	if d := cmp.Diff(r.Results().Header, r.Table(filepath.Join(r.Dir, "again", rundir.Results)).Header); d != "" {
		t.Errorf("header (-first +again):\n%s", d)
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Deals: 5, Contacts: 400})
	var assign, remove []string
	for j := 1; j <= 250; j++ {
		assign = append(assign, fmt.Sprintf("1 %d Purchasing", j))
		remove = append(remove, fmt.Sprintf("1 %d", j))
	}
	assign = append(assign, "2 1 Purchasing", "2 2 Purchasing")
	r.run(r.request(Assign, jobtest.Triples(assign...)))
	remove = append(remove, "2 1 anything", "1 300", "2 1", "99 1")
	q := r.request(Remove, jobtest.Triples(remove...))
	q.RunDir = filepath.Join(r.Dir, "remove")
	res := r.run(q)
	if d := cmp.Diff(
		map[string]map[string]string{jobtest.DealID(2): {jobtest.ContactID(2): "Purchasing"}}, r.State(),
	); d != "" {
		t.Errorf("state (-want +got):\n%s", d)
	}
	calls := r.Emu.Stats().Calls
	several, single := calls["DELETE /Deals/{id}/Contact_Roles"], calls["DELETE /Deals/{id}/Contact_Roles/{id}"]
	// Announced for deal 1: 251 contacts in 3 calls; for deals 2 and 99: one each. Deal 99 is not there.
	if several != 3 || single != 1 || res.Summary.Plan.Calls != 5 {
		t.Errorf("%d and %d calls, announced %d, want 3 and 1, announced 5", several, single, res.Summary.Plan.Calls)
	}
	last := r.Table(filepath.Join(q.RunDir, rundir.Results)).Column(
		"rc_action", "rc_status", "rc_code", "rc_message",
	)[250:]
	want := []string{
		"removed success SUCCESS relation removed", " error NOT_ON_DEAL the contact is not on the deal",
		"unchanged success SUCCESS same as row 251", " error INVALID_DATA the related id given seems to be invalid",
	}
	if d := cmp.Diff(want, last); d != "" {
		t.Errorf("results (-want +got):\n%s", d)
	}
}

func TestRemoveIgnoreNotFound(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Remove, jobtest.Triples("1 1", "1 2", "99 1"))
	q.Options.IgnoreNotFound = true
	r.run(q)
	want := []string{"unchanged success SUCCESS", "unchanged success SUCCESS", " error INVALID_DATA"}
	if d := cmp.Diff(want, r.Results().Column("rc_action", "rc_status", "rc_code")); d != "" {
		t.Errorf("results (-want +got):\n%s", d)
	}
}

func TestRepeatOfAFailureIsTheSameError(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	r.run(r.request(Assign, jobtest.Triples("99 1 Purchasing", "99 1 Purchasing")))
	want := []string{
		`1  error INVALID_DATA the related id given seems to be invalid {"resource_path_index":1} 400 1`,
		`2  error INVALID_DATA the related id given seems to be invalid {"resource_path_index":1,"same_as_row":1} 400 `,
	}
	if d := cmp.Diff(
		want,
		r.Results().Column(
			"rc_row", "rc_action", "rc_status", "rc_code", "rc_message", "rc_details", "rc_http", "rc_attempts",
		),
	); d != "" {
		t.Errorf("results (-want +got):\n%s", d)
	}
}

func TestDryRunSendsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(
		Assign,
		jobtest.Triples("1 1 Purchasing", "1 2 Nobody", "1 1 Purchasing", "2 1 Purchasing", "2 1 Executive Sponsor"),
	)
	q.DryRun = true
	res := r.run(q)
	p := res.Summary.Plan
	if p.Calls != 2 || p.Deals != 2 || p.Repeats != 1 || p.Contradictions != 1 || res.Summary.Rows.Error != 1 {
		t.Errorf("plan %+v, rows %+v", p, res.Summary.Rows)
	}
	for call := range r.Emu.Stats().Calls {
		if !strings.HasPrefix(call, "GET ") {
			t.Errorf("sent %s", call)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(r.Dir, "*")); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if left, _ := filepath.Glob(filepath.Join(r.Dir, ".*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestLimitTakesTheFirstRows(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Assign, jobtest.Triples("1 1 Purchasing", "1 2 Purchasing", "1 3 Purchasing"))
	q.Settings.Limit = 2
	r.run(q)
	if got := r.Results().Column("rc_row", "rc_status"); !cmp.Equal(got, []string{"1 success", "2 success"}) {
		t.Errorf("results: %v", got)
	}
	kept, err := os.ReadFile(filepath.Join(r.Dir, "run", "input.csv"))
	if original, _ := os.ReadFile(q.Input); err != nil || !cmp.Equal(kept, original) {
		t.Errorf("the input is not kept byte for byte: %v", err)
	}
}

func TestEmptyFiles(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing": "", "a header": "deal_id,contact_id,role\n", "empty rows": "deal_id,contact_id,role\n,,\n\n,,\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{})
			res := r.run(r.request(Assign, text))
			if res.Stop != nil || res.Summary.Rows.Total != 0 {
				t.Errorf("stop %v, rows %+v", res.Stop, res.Summary.Rows)
			}
			header := r.Results().Header
			if i := len(header) - 13; i < 0 || header[i] != "rc_row" || header[len(header)-1] != "rc_repaired_from" {
				t.Errorf("header %v", header)
			}
		})
	}
}

func TestUnusableFilesCostNoCall(t *testing.T) {
	t.Parallel()
	rounded := "deal_id,contact_id,role\n"
	for i := range 3 {
		rounded += fmt.Sprintf("41508680000100%d0000,%s,Purchasing\n", i, jobtest.ContactID(1))
	}
	for name, test := range map[string]struct{ text, says string }{
		"a column is missing":  {"deal_id,role\n1,2\n", "contact_id"},
		"two columns for one":  {"deal_id,Deal Id,contact_id,role\n1,1,2,3\n", "deal_id"},
		"a quote never closed": {"deal_id,contact_id,role\n1,2,3\n\"1,2,3\n", ":3"},
		"not in UTF-8":         {"deal_id,contact_id,role\n1,2,\xe9\n", "--encoding"},
		"too many columns":     {"deal_id,contact_id,role" + strings.Repeat(",x", 16_384) + "\n", "16387 columns"},
		"rounded ids":          {rounded, "--accept-rounded-ids"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{})
			_, err := job.Start(t.Context(), r.request(Assign, test.text).with())
			var usage *job.UsageError
			if !errors.As(err, &usage) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want a usage error that says %q", err, test.says)
			}
			if stats := r.Emu.Stats(); len(stats.Calls) != 0 || stats.TokensIssued != 0 {
				t.Errorf("calls were made: %+v", stats)
			}
			if left, _ := filepath.Glob(filepath.Join(r.Dir, "*run*")); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestAnExistingRunIsNotTouched(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Assign, jobtest.Triples("1 1 Purchasing"))
	r.run(q)
	_, err := job.Start(t.Context(), q.with())
	var usage *job.UsageError
	if !errors.As(err, &usage) || !strings.Contains(err.Error(), "rolecall resume") {
		t.Errorf("got %v", err)
	}
}

func TestLogHoldsRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	r.run(r.request(Assign, jobtest.Triples("1 1 Purchasing", "99 1 Purchasing")))
	log, err := os.ReadFile(filepath.Join(r.Dir, "run", rundir.LogFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"msg":"refused"`, `"code":"INVALID_DATA"`, `"dialect":`} {
		if !strings.Contains(string(log), want) {
			t.Errorf("no %s in the log:\n%s", want, log)
		}
	}
	if strings.Contains(string(log), `"msg":"answered"`) {
		t.Errorf("successes are logged without -v:\n%s", log)
	}
}

// A deal has one write in flight at most, and its rows go in file order.
func TestRowsOfADealGoInFileOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Latency: time.Millisecond})
	var paths []string
	r.Attempt = func() func(api.Attempt) {
		paths = nil
		lock := make(chan struct{}, 1)
		return func(a api.Attempt) {
			lock <- struct{}{}
			defer func() { <-lock }()
			if a.Method == "PUT" {
				paths = append(paths, a.Path)
			}
		}
	}()
	var lines []string
	for j := 1; j <= 40; j++ {
		for i := 1; i <= 3; i++ {
			lines = append(lines, fmt.Sprintf("%d %d Purchasing", i, j))
		}
	}
	q := r.request(Assign, jobtest.Triples(lines...))
	q.Settings.Concurrency = 8
	r.run(q)
	next := map[string]int{}
	for _, path := range paths {
		deal, contact, _ := strings.Cut(strings.TrimPrefix(path, "/Deals/"), "/Contact_Roles/")
		next[deal]++
		if contact != jobtest.ContactID(next[deal]) {
			t.Fatalf("deal %s: contact %s came as number %d", deal, contact, next[deal])
		}
	}
	if n := r.Emu.Stats().MaxInFlight; n > 3 {
		t.Errorf("%d calls in flight for 3 deals", n)
	}
}

func TestFreshContext(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(job.ErrInterrupted)
	_, err := job.Start(ctx, r.request(Assign, jobtest.Triples("1 1 Purchasing")).with())
	var stop *job.Stop
	if !errors.As(err, &stop) || stop.Reason != job.Interrupted {
		t.Errorf("got %v, want an interruption before anything was sent", err)
	}
}

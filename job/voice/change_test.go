package voice

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/gateway"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

// byName returns the id of the contact with a first name.
func (r *rig) byName(name string) string {
	r.T.Helper()
	for _, c := range r.contacts() {
		if c.Fields["first_name"] == name {
			return c.ID
		}
	}
	r.T.Fatalf("there is no %s", name)
	return ""
}

// A row that matches a contact updates it. If two contacts have the mobile, the row is CONTACT_AMBIGUOUS.
func TestMatchUpdatesInsteadOfCreating(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do(Import, "first_name,mobile,email\nAda,+12015550123,ADA@x.example\nBo,+12015550124,\n", Options{})
	ada := r.byName("Ada")
	r.Front.Sent()
	table, _ := r.do(Import, "first_name,mobile,company\nIda,201-555-0123,Acme\nCy,201-555-0125,\n",
		Options{Match: MatchMobile, Country: "US"})
	if d := cmp.Diff([]string{"updated success 200", "created success 200"}, table.Column(shown...)); d != "" {
		t.Fatal(d)
	}
	if table.Rows[0]["rc_contact_id"] != ada || r.byName("Ida") != ada {
		t.Errorf("%v", r.lines())
	}
	table, _ = r.do(Import, "first_name,mobile,email\nEda,+12015550199,ada@X.example\n", Options{Match: MatchEmail})
	if d := cmp.Diff([]string{"updated success 200"}, table.Column(shown...)); d != "" || r.byName("Eda") != ada {
		t.Error(d, r.lines())
	}
	r.do(Import, "first_name,mobile\nTwin,+12015550124\n", Options{})
	table, _ = r.do(Import, "first_name,mobile\nBo,+12015550124\n", Options{Match: MatchMobile})
	if got := table.Column("rc_code", "rc_message")[0]; !strings.HasPrefix(got, "CONTACT_AMBIGUOUS mobile: 2 contacts of Voice") {
		t.Error(got)
	}
	failed, err := os.ReadFile(filepath.Join(r.lastRun(), rundir.Failed))
	if err != nil {
		t.Fatal(err)
	}
	before := r.lines()
	table, _ = r.do(Import, string(failed), Options{}) // without --match it would be a third one
	if got := table.Column("rc_code")[0]; got != job.CodeContactAmbiguous || !strings.Contains(string(failed), ",contact_id") {
		t.Error(got, string(failed))
	}
	if d := cmp.Diff(before, r.lines()); d != "" {
		t.Error(d)
	}
}

// A run over failed.csv needs no flag of the first run, also after people filled in cells, and after a second failure.
func TestFailedRowsNeedNoFlag(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do(Import, "first_name,mobile\nAda,+12015550123\nBo,+12015550124\n", Options{})
	r.do(Import, "first_name,mobile\nTwin,+12015550124\n", Options{})
	ada, bo := r.byName("Ada"), r.byName("Bo")
	r.do(Import, "id,First_Name,Mobile,Phone,Account_Name.name\n7,Ada,201-555-0123,12,Acme\n8,Bo,201-555-0124,,Acme\n",
		Options{Country: "US", Match: MatchMobile, FromCRM: true})
	read := func() string {
		text, err := os.ReadFile(filepath.Join(r.lastRun(), rundir.Failed))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	table, res := r.do(Import, read(), Options{Country: "DE"}) // the row's own options count, and a warning says so
	if got := table.Column("rc_code"); !slices.Equal(got, []string{"VALUE_INVALID", "CONTACT_AMBIGUOUS"}) ||
		!strings.Contains(strings.Join(res.Summary.Notes, "\n"), "rc_options has the flags of the earlier run") {
		t.Fatal(got, res.Summary.Notes)
	}
	text := strings.Replace(read(), ",12,", ",201-555-0188,", 1)
	lines := strings.Split(text, "\n")
	lines[2] = strings.Replace(lines[2], "Acme,", "Acme,"+bo, 1) // contact_id, the last column before rolecall's
	table, res = r.do(Import, strings.Join(lines, "\n"), Options{})
	want := []string{"updated success 200", "updated success 200"}
	if d := cmp.Diff(want, table.Column(shown...)); d != "" || table.Rows[0]["rc_contact_id"] != ada ||
		len(res.Summary.Notes) != 1 {
		t.Fatal(d, text, res.Summary.Notes)
	}
	got := r.lines()
	slices.Sort(got)
	want = []string{"first_name=Ada mobile=+12015550123 phone=+12015550188 company=Acme",
		"first_name=Bo mobile=+12015550124 company=Acme", "first_name=Twin mobile=+12015550124"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Voice does not show the status of a contact, so a row with one is always sent.
func TestStatusesByNameOrID(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	table, _ := r.do(Import, "first_name,mobile,contact_status\nAda,+12015550123,vip\nBo,+12015550124,nobody\n", Options{})
	want := []string{"created success 200", " error VALUE_INVALID"}
	if d := cmp.Diff(want, table.Column(shown...)); d != "" {
		t.Fatal(d)
	}
	if text := table.Rows[1]["rc_message"]; !strings.Contains(text, "Active, In Active, VIP") {
		t.Error(text)
	}
	for _, call := range jobtest.Writes(r.Front.Sent()) {
		if !strings.Contains(call, "VIP") {
			t.Error(call)
		}
	}
	table, _ = r.do(Import, "contact_id,contact_status\n"+r.byName("Ada")+",Active\n", Options{})
	if d := cmp.Diff([]string{"updated success 200"}, table.Column(shown...)); d != "" {
		t.Error(d)
	}
}

// In a table of records export Contacts, the id is not an id of Voice, and the company is the name of the account.
func TestFromCRM(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do(Import, "id,First_Name,Last_Name,Email,Mobile,Phone,Account_Name,Account_Name.name,rc_base\n"+
		"zcrm_4150868000020000001,Ada,Okafor,ada@x.example,'+12015550123,,zcrm_4150868000030000001,Acme,h1\n"+
		"zcrm_4150868000020000002,Bo,,,'+12015550124,'+12015550125,zcrm_4150868000030000001,,h2\n", Options{FromCRM: true})
	got := r.lines()
	slices.Sort(got)
	want := []string{
		"first_name=Ada last_name=Okafor email=ada@x.example mobile=+12015550123 company=Acme",
		"first_name=Bo mobile=+12015550124 phone=+12015550125",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestUndoTakesEachChangeBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do(Import, people, Options{})
	first, before := r.lastRun(), r.lines()
	ada, bo := r.byName("Ada"), r.byName("Bo")
	r.do(Import, "contact_id,company\n"+ada+",Acme\n", Options{})
	table := r.undo(r.lastRun()) // an update is put back
	if d := cmp.Diff([]string{"updated success 200"}, table.Column(shown...)); d != "" || !slices.Equal(r.lines(), before) {
		t.Fatal(d, r.lines())
	}
	table, _ = r.do(Delete, "contact_id\n"+bo+"\n"+bo+"\n31500010000000009\n", Options{})
	want := []string{"deleted success 200", "unchanged success 200", " error RECORD_NOT_FOUND"}
	if d := cmp.Diff(want, table.Column(shown...)); d != "" || len(r.contacts()) != 1 {
		t.Fatal(d)
	}
	deletion := r.lastRun()
	table = r.undo(deletion) // a deleted contact is created again with a new id
	if d := cmp.Diff([]string{"created success 200"}, table.Column(shown...)); d != "" || r.byName("Bo") == bo {
		t.Error(d)
	}
	got := r.lines()
	slices.Sort(got)
	slices.Sort(before)
	if d := cmp.Diff(before, got); d != "" {
		t.Error(d)
	}
	table = r.undo(deletion)
	if d := cmp.Diff([]string{"unchanged success SUCCESS"}, table.Column(shown...)); d != "" || len(r.contacts()) != 2 {
		t.Error("undone twice, it creates a contact twice", d)
	}
	r.do(Import, "contact_id,company\n"+ada+",Acme\n", Options{}) // somebody changes one
	table = r.undo(first)
	want = []string{" error CHANGED_SINCE", "unchanged success SUCCESS"} // Bo has another id
	if d := cmp.Diff(want, table.Column(shown...)); d != "" || len(r.contacts()) != 2 {
		t.Error(d)
	}
}

// lose makes the front lose the answer to the first write of a method, after or before the emulator does the write.
func (r *rig) lose(method string, after bool) {
	lost := false
	r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, _ string, pass jobtest.Pass) {
		if q.Method != method || lost {
			pass(w)
			return
		}
		lost = true
		r.ahead.Add(int64(5 * time.Second)) // nothing tells of the first two seconds of a run
		if after {
			pass(jobtest.Discarded{})
		}
		panic(http.ErrAbortHandler)
	}
}

// A create whose answer is lost is never sent again: one list settles it, or it stays unknown.
func TestALostCreateIsSettledByOneList(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		after bool
		want  string
	}{
		{"done", true, "created success SUCCESS"},
		{"not done", false, " error OUTCOME_UNKNOWN"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.do(Import, "first_name,mobile\nAda,+12015550123\n", Options{}) // older, of the same mobile and name
			older := r.byName("Ada")
			r.Front.Sent()
			r.lose(http.MethodPost, test.after)
			q := r.request(Import, "first_name,mobile\nAda,+12015550123\nAda,+12015550123\n", Options{})
			q.Settings.Concurrency = 1
			r.Start(q)
			table := r.Table(filepath.Join(q.RunDir, "results.csv"))
			if got := table.Column(shown...)[0]; got != test.want {
				t.Fatal(got, table.Rows[0]["rc_message"])
			}
			if id := table.Rows[0]["rc_contact_id"]; id == older || test.after != (id != "") {
				t.Errorf("id %q, the older one is %s", id, older)
			}
			const doubt = "it is not known whether this row created it: "
			if text := table.Rows[0]["rc_message"]; !test.after && !strings.HasSuffix(text, doubt+older) {
				t.Error(text)
			}
			repeat := "unchanged success SUCCESS"
			if !test.after {
				repeat = " error OUTCOME_UNKNOWN"
			}
			if got := table.Column(shown...)[1]; got != repeat {
				t.Error(got)
			}
			calls := r.Front.Sent()
			if writes := jobtest.Writes(calls); len(writes) != 1 {
				t.Errorf("sent %v", writes)
			}
			if lists := slices.DeleteFunc(calls, func(c string) bool { return !strings.HasPrefix(c, "GET /contacts?from=0&size=50") }); len(lists) != 1 {
				t.Errorf("lists %v", lists)
			}
			failed, _ := r.do(Import, "first_name,mobile,rc_code\nAda,+12015550123,OUTCOME_UNKNOWN\n", Options{})
			if got := failed.Column(shown...)[0]; got != " error OUTCOME_UNKNOWN" {
				t.Error(got)
			}
		})
	}
}

// A create that is lost in the first two seconds of a run is settled too, if a list from before the run, or an earlier
// create of the run, shows that its contact is not older.
func TestAnEarlyLostCreateIsSettled(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		match string
		lost  int // this create, from 1
		want  []string
	}{
		"the first one":      {"", 1, []string{" OUTCOME_UNKNOWN", "created 200"}},
		"after another":      {"", 2, []string{"created 200", "created SUCCESS"}},
		"mobiles are listed": {MatchMobile, 1, []string{"created SUCCESS", "created 200"}},
		"e-mails are listed": {MatchEmail, 1, []string{"created SUCCESS", "created 200"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			n := 0
			r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, _ string, pass jobtest.Pass) {
				if q.Method == http.MethodPost {
					n++
				}
				if q.Method == http.MethodPost && n == test.lost {
					pass(jobtest.Discarded{})
					panic(http.ErrAbortHandler)
				}
				pass(w)
			}
			q := r.request(Import, "first_name,mobile,email\nAda,+12015550123,a@x.example\nBo,+12015550124,b@x.example\n",
				Options{Match: test.match})
			q.Settings.Concurrency = 1
			r.Start(q)
			table := r.Table(filepath.Join(q.RunDir, "results.csv"))
			if d := cmp.Diff(test.want, table.Column("rc_action", "rc_code")); d != "" || len(r.contacts()) != 2 {
				t.Error(d)
			}
		})
	}
}

// Two rows of one mobile and name, as a match by e-mail allows, do not settle on one contact.
func TestALostCreateTakesNoContactOfAnotherRow(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	n := 0
	r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, _ string, pass jobtest.Pass) {
		if q.Method == http.MethodPost {
			n++
		}
		if q.Method == http.MethodPost && n == 2 { // the row without an e-mail: its contact is not created
			panic(http.ErrAbortHandler)
		}
		pass(w)
	}
	q := r.request(Import, "first_name,mobile,email\nAda,+12015550123,a@x.example\nAda,+12015550123,\n",
		Options{Match: MatchEmail})
	q.Settings.Concurrency = 1
	r.Start(q)
	table := r.Table(filepath.Join(q.RunDir, "results.csv"))
	if d := cmp.Diff([]string{"created 200", " OUTCOME_UNKNOWN"}, table.Column("rc_action", "rc_code")); d != "" {
		t.Error(d)
	}
}

// A write that can be repeated is read back: the row succeeds, and undo knows what was before.
func TestALostUpdateOrDeletionIsReadBack(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{true, false} {
		r := newRig(t)
		r.do(Import, people, Options{})
		before := r.lines()
		r.lose(http.MethodPut, after)
		table, _ := r.do(Import, "contact_id,company\n"+r.byName("Ada")+",Acme\n", Options{})
		if got := table.Column("rc_action", "rc_status")[0]; got != "updated success" || table.Rows[0]["rc_prior"] == "" {
			t.Fatal(got)
		}
		r.undo(r.lastRun())
		if d := cmp.Diff(before, r.lines()); d != "" {
			t.Error(d)
		}
		r.lose(http.MethodDelete, after)
		table, _ = r.do(Delete, "contact_id\n"+r.byName("Bo")+"\n", Options{})
		if got := table.Column("rc_action", "rc_status")[0]; got != "deleted success" || len(r.contacts()) != 1 {
			t.Error(got)
		}
	}
}

// A run that is killed at a write goes on from a copy of its folder: no contact twice, and each row has one outcome.
func TestAKilledImportCreatesNoContactTwice(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{true, false} { // the emulator takes the call that was under way, or it does not
		r := newRig(t)
		q := r.request(Import, "first_name,mobile\nAda,+12015550123\nBo,+12015550124\nCy,+12015550125\n", Options{})
		q.Settings.Concurrency = 1
		killed := ""
		n := 0
		r.Front.Meddle = func(w http.ResponseWriter, _ *http.Request, _ string, pass jobtest.Pass) {
			if n++; n == 2 && killed == "" {
				killed = r.Copy(q.RunDir, "killed")
				r.ahead.Add(int64(5 * time.Second)) // nothing tells of the first two seconds of a run
				if !after {                         // the process that was killed sent the call no more
					panic(http.ErrAbortHandler)
				}
			}
			if n > 2 { // the process that was killed sent no more
				jobtest.Answer(w, http.StatusUnauthorized, `{"code":"OAUTH_SCOPE_MISMATCH","status":"ERROR","message":"over"}`)
				return
			}
			pass(w)
		}
		r.Start(q)
		r.Front.Meddle = nil
		env := r.Env()
		if _, err := job.Resume(t.Context(), job.Again{RunDir: killed, Env: env}); err != nil {
			t.Fatal(err)
		}
		table := r.Table(filepath.Join(killed, "results.csv"))
		unknown := slices.DeleteFunc(table.Column("rc_code"), func(c string) bool { return c != job.CodeOutcomeUnknown })
		if got := len(r.contacts()) + len(unknown); got != 3 || after == (len(unknown) > 0) {
			t.Errorf("after %v: %v\n%v", after, table.Column(shown...), r.lines())
		}
	}
}

// The run finds out the api.VoiceWay of a write, and stores it for later runs.
func TestTheWayOfTheContactIsKept(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, emulator.Options{VoiceContact: "query"})
	found := &findings{}
	r.Org = func(o *job.Org) { o.Findings = found }
	for i, want := range []int{2, 1} { // calls
		r.do(Import, "first_name,mobile\nAda,+1201555012"+string(rune('1'+i))+"\n", Options{})
		if sent := jobtest.Writes(r.Front.Sent()); len(sent) != want || found.known != "query" {
			t.Errorf("run %d: sent %v, found %q", i, sent, found.known)
		}
	}
}

// findings keeps one finding.
type findings struct{ known string }

func (f *findings) Recall(string) string       { return f.known }
func (f *findings) Remember(_, finding string) { f.known = finding }

// A gateway forwards only calls to the CRM, and its key is never sent to Voice.
func TestAGatewayReachesNoVoice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Org = func(o *job.Org) { o.Gateway = gateway.NewForward(&findings{}) }
	_, err := job.Start(t.Context(), r.request(Import, people, Options{}))
	if _, ok := errors.AsType[*job.UsageError](err); !ok || !strings.Contains(err.Error(), "gateway") {
		t.Errorf("%v", err)
	}
	if sent := r.Front.Sent(); len(sent) > 0 {
		t.Errorf("sent %v", sent)
	}
}

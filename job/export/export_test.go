package export

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

func someDeals() emulator.Options {
	return emulator.Options{Deals: 120, Contacts: 20, RolesPerDeal: 5}
}

// Temporary faults do not change a byte of the file.
func TestFaults(t *testing.T) {
	t.Parallel()
	o := someDeals()
	o.Deals = 200
	r := newRig(t, o)
	want, _ := r.export(r.request("out.csv"))
	faults, err := emulator.ParseFaults("429=2%,500=1%,reset=1%,html=1%,truncate=1%")
	if err != nil {
		t.Fatal(err)
	}
	for seed := range int64(2) {
		for _, way := range []string{"deals", "composite", "contacts"} {
			t.Run(fmt.Sprint(way, seed), func(t *testing.T) {
				t.Parallel()
				o := o
				o.Faults, o.FaultSeed = faults, seed
				r := newRig(t, o)
				q := r.request("out.csv")
				q.Options.ViaContacts = way == "contacts"
				if q.Options.Composite = job.Off; way == "composite" {
					q.Options.Composite = job.On
				}
				got, res := r.export(q)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got)\n%.1000s", diff)
				}
				if way == "deals" && res.Summary.Spent.Retries < 3 {
					t.Errorf("%d retries: there were no faults", res.Summary.Spent.Retries)
				}
			})
		}
	}
}

// An export that a budget stops several times ends with the same bytes, and pays for no deal twice.
func TestResumeAgainAndAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, someDeals())
	want, _ := r.export(r.request("want.csv"))
	before := r.Emu.Stats().Calls["GET /Deals/{id}/Contact_Roles"]
	q := r.request("out.csv")
	q.Settings.MaxCredits, q.Options.Composite = 20, job.Off
	res := r.stops(q, job.OutOfBudget, "budget of credits")
	dir := res.Summary.RunDir
	for stops := 0; ; stops++ {
		again, err := job.Resume(t.Context(), r.again(dir, 25))
		if err != nil || stops > 10 {
			t.Fatal(err)
		}
		if again.Stop == nil {
			if again.Summary.Spent.Credits <= 120 {
				t.Errorf("%d credits: those of the processes before are forgotten", again.Summary.Spent.Credits)
			}
			break
		}
	}
	if diff := cmp.Diff(want, r.read(q)); diff != "" {
		t.Errorf("(-want +got)\n%.1000s", diff)
	}
	if n := r.Emu.Stats().Calls["GET /Deals/{id}/Contact_Roles"] - before; n != 120 {
		t.Errorf("%d reads, want one for each deal", n)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is left: %v", err)
	}
}

// An org without deals gives a file with a header.
func TestNoDeals(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]emulator.Options{"COQL": {}, "Get Records": {Coql: "off"}} {
		for _, file := range []string{"out.csv", "out.jsonl", "out.xlsx"} {
			o.Org = readOrg(t, `{"contacts":[{"id":"5","Last_Name":"x"}]}`)
			r := newRig(t, o)
			for _, shape := range []Shape{Long, Wide} {
				for _, via := range []bool{false, true} {
					q := r.request(file)
					q.Options.Shape, q.Options.ViaContacts = shape, via
					if _, res := r.export(q); res.Summary.Export.Rows != 0 || res.Summary.Export.Counts.Deals != 0 {
						t.Errorf("%s, %s: %+v", name, file, res.Summary)
					}
				}
			}
		}
	}
}

// The user names many ids, each twice, and then some that the org does not have.
func TestManyNamed(t *testing.T) {
	t.Parallel()
	o := someDeals()
	o.Deals = 220 // several calls of ids
	for _, coql := range []string{"on", "off"} {
		o.Coql = coql
		r := newRig(t, o)
		want, _ := r.export(r.request("want.csv"))
		q := r.request("out.csv")
		var b strings.Builder
		b.WriteString("deal_id\n")
		for i := range 440 {
			fmt.Fprintf(&b, "zcrm_%s\n", jobtest.DealID((i*7)%220+1))
		}
		q.DealsFile, q.Stdin = "-", strings.NewReader(b.String())
		if got, _ := r.export(q); got != want {
			t.Errorf("COQL %s: another file", coql)
		}
		for i := range 7 {
			fmt.Fprintf(&b, "41508680000%d\n", i)
		}
		q.DealsFile, q.Stdin = "-", strings.NewReader(b.String())
		_, err := Start(t.Context(), q)
		var usage *job.UsageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), "415086800000 (line 442), 415086800001 (line 443)") ||
			!strings.Contains(err.Error(), "and 2 more") {
			t.Errorf("COQL %s: %v", coql, err)
		}
		if r.read(q) != want {
			t.Error("the file is not as it was")
		}
	}
}

// A table of --deals may name deals by their names. A name that several deals have, or none, refuses the export.
func TestExportOfDealsByName(t *testing.T) {
	t.Parallel()
	for _, coql := range []string{"on", "unscoped"} {
		r := newRig(t, emulator.Options{Deals: 20, Contacts: 20, RolesPerDeal: 1, Coql: coql})
		export := func(table string) (string, error) {
			q := r.request("out.csv")
			q.DealsFile, q.Stdin = "-", strings.NewReader(table)
			_, err := Start(t.Context(), q)
			if err != nil {
				return "", err
			}
			return r.read(q), nil
		}
		want, err := export("deal_id\n" + jobtest.DealID(8) + "\n" + jobtest.DealID(1) + "\n")
		if err != nil {
			t.Fatal(err)
		}
		got, err := export("deal_id,deal_name\n,renewal  8\n" + jobtest.DealID(1) + ",Another\n,Renewal 8\n")
		if err != nil || got != want {
			t.Errorf("COQL %s: %v\n%s\nwant\n%s", coql, err, got, want)
		}
		if _, err := export("deal_name\nRenewal 8\nNobody's\nNone\n"); err == nil ||
			!strings.Contains(err.Error(), `or does not show it to this user: "Nobody's" (line 3), "None" (line 4)`) {
			t.Errorf("COQL %s: %v", coql, err)
		}
	}
}

// Ids of 20 digits, which no integer of SQLite holds, and short ones, are in the order of numbers and all are read.
func TestLongIDs(t *testing.T) {
	t.Parallel()
	org := `{"contacts":[{"id":"7","Last_Name":"x"}],
		"deals":[{"id":"99"},{"id":"9223372036854775807"},{"id":"100"},{"id":"9223372036854775806"}]}`
	o := emulator.Options{Org: readOrg(t, org), CoqlRows: 200}
	r := newRig(t, o)
	q := r.request("out.csv")
	q.Options.IDs = Bare
	text, _ := r.export(q)
	var ids []string
	for _, row := range rowsIn(text) {
		id, _, _ := strings.Cut(row, ",")
		ids = append(ids, id)
	}
	if diff := cmp.Diff([]string{"99", "100", "9223372036854775806", "9223372036854775807"}, ids); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// If somebody removes the folder of the output while deals are read, nothing is lost: resume writes the file once the
// folder exists again.
func TestOutputFolderGoes(t *testing.T) {
	t.Parallel()
	var once sync.Once
	var folder string
	r := newRigBehind(t, someDeals(), func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if strings.HasSuffix(q.URL.Path, "/Contact_Roles") {
				once.Do(func() { _ = os.RemoveAll(folder) })
			}
			h.ServeHTTP(w, q)
		})
	})
	folder = filepath.Join(r.Dir, "sub")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	q := r.request("sub/out.csv")
	_, err := Start(t.Context(), q)
	var stop *job.Stop
	if !errors.As(err, &stop) || stop.Reason != job.Broken ||
		!strings.Contains(err.Error(), "go on with: rolecall resume ") {
		t.Fatalf("%v", err)
	}
	_, dir, _ := strings.Cut(err.Error(), "rolecall resume ")
	// Until then report says that the export is not finished, although all deals are read, and sends nothing.
	sent := len(r.Front.Sent())
	res, err := job.Report(r.again(strings.TrimSuffix(dir, ")"), 0))
	if err != nil {
		t.Fatal(err)
	}
	sum := &res.Summary
	if res.Stop == nil || sum.State != report.Stopped || sum.Next == "" || sum.Export.Counts.Deals != 120 {
		t.Errorf("report: %v, %+v", res.Stop, sum)
	}
	if n := len(r.Front.Sent()) - sent; n != 0 {
		t.Errorf("report sent %d calls", n)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	res, err = job.Resume(t.Context(), r.again(strings.TrimSuffix(dir, ")"), 0))
	if err != nil || res.Stop != nil || res.Summary.Spent.Kinds["GET /Deals/{id}/Contact_Roles"] != 120 {
		t.Errorf("%+v, %v", res, err)
	}
	if rows := len(rowsIn(r.read(q))); rows != int(res.Summary.Export.Rows) {
		t.Errorf("%d rows", rows)
	}
}

// If two exports to the same file run at once, also in one process, one of them gets an error that names the other
// process.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	o := someDeals()
	o.Latency = 2 * time.Millisecond
	r := newRig(t, o)
	var held, done atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			switch _, err := Start(t.Context(), r.request("out.csv")); {
			case errors.Is(err, job.ErrLocked):
				held.Add(1)
				if !strings.Contains(err.Error(), fmt.Sprintf("process %d on ", os.Getpid())) &&
					!strings.Contains(err.Error(), "another process") {
					t.Error(err)
				}
			case err == nil:
				done.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if done.Load() < 1 || held.Load()+done.Load() != 4 {
		t.Errorf("%d done, %d held", done.Load(), held.Load())
	}
}

// A hostile answer to a read is an error that names the deal, and there is no file.
func TestHostileReads(t *testing.T) {
	t.Parallel()
	isRead := func(r *http.Request, _ string) bool {
		return strings.HasSuffix(r.URL.Path, "/"+jobtest.DealID(3)+"/Contact_Roles")
	}
	for name, body := range map[string]string{
		"no id":         `{"data":[{"Full_Name":"x"}]}`,
		"id no number":  `{"data":[{"id":"abc","Contact_Role":{"id":"1","name":"x"}}]}`,
		"id with quote": `{"data":[{"id":"1' or '1'='1"}]}`,
		"null":          `{"data":[null]}`,
		"more of none":  `{"data":[],"info":{"more_records":true}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRigBehind(
				t,
				emulator.Options{Deals: 5, Contacts: 5, RolesPerDeal: 4},
				alter(isRead, func([]byte) []byte { return []byte(body) }),
			)
			res, err := Start(t.Context(), r.request("out.csv"))
			if err == nil && (res.Stop == nil || !strings.Contains(res.Stop.Error(), jobtest.DealID(3))) {
				t.Errorf("%+v, %v", res, err)
			}
			if _, err := os.Stat(filepath.Join(r.Dir, "out.csv")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("there is a file: %v", err)
			}
		})
	}
}

// The folder of a stopped export to stdout is removed after a week, unless a process holds it. Folders with other names
// stay, such as that of an export to the file stdout-1.csv.
func TestStdoutIsSwept(t *testing.T) {
	t.Parallel()
	const (
		oldHome   = "stdout-1-1764489600000000001"
		heldHome  = "stdout-2-1764489600000000002"
		youngHome = "stdout-3-1764489600000000003"
		month     = 30 * 24 * time.Hour
	)
	state, now := filepath.Join(t.TempDir(), "state[1]"), time.Now()
	for name, age := range map[string]time.Duration{
		oldHome: 8 * 24 * time.Hour, heldHome: 8 * 24 * time.Hour, youngHome: time.Hour,
		"out-12345678": month, "stdout-1-12345678": month, "stdout-mine": month,
	} {
		home := filepath.Join(state, name)
		if err := os.MkdirAll(filepath.Join(home, runFolder), 0o700); err != nil {
			t.Fatal(err)
		}
		if name == heldHome {
			free, err := rundir.Hold(home, Stdout, now)
			if err != nil {
				t.Fatal(err)
			}
			defer free()
		}
		if err := os.Chtimes(home, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	sweepStdout(state, now)
	for name, stays := range map[string]bool{
		oldHome: false, heldHome: true, youngHome: true,
		"out-12345678": true, "stdout-1-12345678": true, "stdout-mine": true,
	} {
		if _, err := os.Stat(filepath.Join(state, name)); (err == nil) != stays {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// People see what an export does: it signs in, lists, reads and writes, in this order.
func TestStagesOfAnExport(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []job.Stage
	var progress *job.Progress
	see := func() {
		mu.Lock()
		defer mu.Unlock()
		if stage, _, _, _ := progress.Snapshot(); len(seen) == 0 || seen[len(seen)-1] != stage {
			seen = append(seen, stage)
		}
	}
	r := newRigBehind(t, someDeals(), func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			see()
			h.ServeHTTP(w, q)
		})
	})
	q := r.request("out.csv")
	progress = q.Progress
	r.export(q)
	see()
	want := []job.Stage{job.Connecting, job.Listing, job.Reading, job.Writing}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

package picklist

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rolecall/api"
	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

// rig runs the jobs of this package against an emulated org.
type rig struct{ *jobtest.Rig }

func newRig(t testing.TB, o emulator.Options) *rig { return rigOf(jobtest.New(t, o)) }

// newVirtualRig returns a rig without sockets, for property tests with many runs and for synctest.
func newVirtualRig(t testing.TB, o emulator.Options) *rig { return rigOf(jobtest.NewVirtual(t, o)) }

func rigOf(r *jobtest.Rig) *rig {
	r.Kinds, r.Front.Keep = Kinds(), true
	return &rig{r}
}

// orgOf is an org with a list of roles. Each has the id that idOf tells of its position.
func orgOf(names ...string) *emulator.Org {
	o := &emulator.Org{Roles: []emulator.OrgRole{}}
	for i, name := range names {
		o.Roles = append(o.Roles, emulator.OrgRole{ID: idOf(i + 1), Name: name, Sequence: i + 1})
	}
	return o
}

// idOf returns the id of the n-th role of an org, newID that of the n-th role that is created in one.
func idOf(n int) string  { return fmt.Sprint(4150868000000001000 + n) }
func newID(n int) string { return fmt.Sprint(4150868000000006870 + n) }

// numberedNames are names with numbers.
func numberedNames(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("Role %03d", i+1))
	}
	return names
}

// request is a run as a test asks for it.
type request struct {
	job.Request

	Options Options
}

// request returns a run of a job over a table.
func (r *rig) request(name string, lines ...string) request {
	r.T.Helper()
	input := r.Input("input.csv", strings.Join(lines, "\n")+"\n")
	return request{
		Request: job.Request{Kind: kind(name), Input: input, RunDir: r.RunDir(), Env: r.Env()},
	}
}

// named has the request delete roles by what a command line names.
func (q *request) named(words ...string) {
	q.Input = ""
	q.Made, _ = Named(words) // a table in memory can be written
}

// from has the request copy the list of the org of a profile.
func (q *request) from(ctx context.Context, profile string) (err error) {
	q.Input = ""
	q.Made, err = OtherList(ctx, &q.Env, q.Settings, profile)
	return err
}

// start does a request.
func start(ctx context.Context, q request) (*job.Result, error) {
	q.Settings.Options = job.Encode(q.Options)
	return job.Start(ctx, q.Request)
}

// run does a request that must finish. Its rows may fail.
func (r *rig) run(q request) *job.Result {
	r.T.Helper()
	res, err := start(r.T.Context(), q)
	if err != nil || res.Stop != nil {
		r.T.Fatalf("%+v, %v", res, err)
	}
	r.sums(q.RunDir, res)
	return res
}

// again resumes a run.
func (r *rig) again(dir string) job.Again { return job.Again{RunDir: dir, Env: r.Env()} }

// list returns the names of the org's roles.
func (r *rig) list() (names []string) {
	for _, role := range r.roles() {
		names = append(names, role.Name)
	}
	return names
}

// roles asks the emulator itself, past the front.
func (r *rig) roles() []emulator.OrgRole {
	w := httptest.NewRecorder()
	r.Emu.ServeHTTP(
		w,
		httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/__emulator/org", http.NoBody),
	)
	var org emulator.Org
	if err := json.Unmarshal(w.Body.Bytes(), &org); err != nil {
		r.T.Fatal(err)
	}
	return org.Roles
}

// idsOf returns the ids of the org's roles by name.
func (r *rig) idsOf() map[string]string {
	ids := map[string]string{}
	for _, role := range r.roles() {
		ids[role.Name] = role.ID
	}
	return ids
}

// results returns some columns of results.csv, joined by spaces, without empty ends.
func (r *rig) results(columns ...string) (all []string) {
	r.T.Helper()
	for _, line := range r.Results().Column(columns...) {
		all = append(all, strings.TrimRight(line, " "))
	}
	return all
}

// outcomesOf returns action and code of each row.
func (r *rig) outcomesOf() []string { return r.results("rc_action", "rc_code") }

// sums checks that results.csv, failed.csv and the summary agree, and that results.csv has one row for each row of the
// input, in order.
func (r *rig) sums(dir string, res *job.Result) {
	r.T.Helper()
	rows, failed := r.Table(filepath.Join(dir, rundir.Results)).Rows, r.Table(filepath.Join(dir, rundir.Failed)).Rows
	status, action := map[string]int64{}, map[string]int64{}
	for i, row := range rows {
		if row["rc_row"] != fmt.Sprint(i+1) {
			r.T.Errorf("row %d of the results is row %s", i+1, row["rc_row"])
		}
		ok := row["rc_status"] == string(job.Success)
		if ok != (row["rc_action"] != "") ||
			ok != (row["rc_code"] == "SUCCESS") && row["rc_status"] != string(job.NotAttempted) {
			r.T.Errorf("row %d: %v", i+1, row)
		}
		status[row["rc_status"]]++
		action[row["rc_action"]]++
	}
	n := res.Summary.Rows
	got := []int64{n.Total, n.Success, n.Error, n.NotAttempted, n.Created, n.Updated, n.Deleted, n.Unchanged, n.Error}
	want := []int64{
		int64(len(rows)), status[string(job.Success)], status[string(job.Failed)], status[string(job.NotAttempted)],
		action[job.ActionCreated], action[job.ActionUpdated], action[job.ActionDeleted], action[job.ActionUnchanged],
		int64(len(failed)),
	}
	if !slices.Equal(got, want) {
		r.T.Errorf("rows %v %v, %d failed, and the summary %+v", status, action, len(failed), n)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func apiRole(o emulator.OrgRole) api.Role {
	return api.Role{ID: o.ID, Name: o.Name, Sequence: o.Sequence}
}

// nobody is a sign-in that is refused.
func nobody(context.Context, job.Settings, job.Hooks) (*job.Org, error) {
	return nil, &api.Error{Code: "AUTHENTICATION_FAILURE", HTTP: http.StatusUnauthorized, Ends: api.EndSignIn}
}

// connectBy signs in to the rig of a profile.
func connectBy(rigs map[string]*rig) job.Connect {
	return func(ctx context.Context, set job.Settings, h job.Hooks) (*job.Org, error) {
		return rigs[set.Profile].Connect(ctx, set, h)
	}
}

// leftBehind returns what is in the rig's folder.
func (r *rig) leftBehind() []string {
	left, _ := filepath.Glob(filepath.Join(r.Dir, "*"))
	hidden, _ := filepath.Glob(filepath.Join(r.Dir, ".*"))
	return append(left, hidden...)
}

// tableRows returns the rows of a table.
func (r *rig) tableRows(path string) []map[string]string { return r.Table(path).Rows }

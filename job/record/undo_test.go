package record

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/report"
)

// undo restores the values before an update, deletes the records that an upsert inserted, and the org is as before.
func TestUndoPutsBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do(Insert, "Name,Code,Note,Price,Tags\nOne,a,=x,1.5,a;b\nTwo,b,,,\n", Options{})
	was := r.things("Code")
	r.do(Upsert, "Name,Code,Note,Price,Tags\nUno,a,y,7,b\nUna,a,z,7,b\nTwo,b,n,9,a\nNew,c,,,\n", Options{DuplicateCheck: []string{"Code"}})
	if cmp.Equal(was, r.things("Code")) {
		t.Fatal("the upsert changed nothing")
	}
	got, _ := r.undo(r.lastRun())
	if d := cmp.Diff(was, r.things("Code")); d != "" {
		t.Errorf("%s %v", d, got.Column("rc_action", "rc_code", "rc_message"))
	}
	upsert, undo := strings.Replace(r.lastRun(), "run2", "run1", 1), r.lastRun()
	r.undo(undo)
	if now := r.things("Code"); now["a"]["Note"] != "z" || now["c"]["Name"] != "New" {
		t.Errorf("the undo undone: %v", now)
	}
	r.undo(r.lastRun())
	if d := cmp.Diff(was, r.things("Code")); d != "" {
		t.Error(d)
	}
	again, _ := r.undo(upsert)
	if d := cmp.Diff([]string{"unchanged", "unchanged", "unchanged", "unchanged"}, again.Column("rc_action")); d != "" {
		t.Error(d)
	}
}

// undo deletes a record that one row inserted and the next row updated. The second row then needs no call.
func TestUndoOfARepeatedNewKey(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{false, true} {
		r := newRig(t)
		r.do(Upsert, "Name,Code\nUno,a\nUna,a\n", Options{DuplicateCheck: []string{"Code"}})
		if lost {
			r.lose(http.MethodDelete, "/Things", true)
		}
		got, _ := r.undo(r.lastRun())
		if d := cmp.Diff([]string{"deleted SUCCESS", "unchanged SUCCESS"}, got.Column("rc_action", "rc_code")); d != "" {
			t.Error(lost, d, got.Column("rc_message"))
		}
	}
}

// A dry run lists what somebody changed since, and says where the rest of a long list is.
func TestUndoDryRunListsLaterChanges(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	n := report.ShownChanges + 1
	made, _ := r.do(Insert, "Name\n"+strings.Repeat("One\n", n), Options{})
	folder := r.lastRun()
	r.ahead.Store(int64(time.Minute))
	ids := made.Column("rc_record_id")
	r.do(Update, "id,Note\n"+strings.Join(ids, ",later\n")+",later\n", Options{})
	earlier, err := job.OpenEarlier(folder, r.Env())
	if err != nil {
		t.Fatal(err)
	}
	defer earlier.Close()
	k, back, err := earlier.Inverse()
	if err != nil {
		t.Fatal(err)
	}
	res := r.Start(job.Request{
		Kind: k, Settings: job.Settings{Options: json.RawMessage("{}")}, Made: back, DryRun: true, Env: r.Env(),
	})
	var text strings.Builder
	if err := res.Summary.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"! " + ids[0] + ": CHANGED_SINCE, now modified at 20",
		"    and 1 more: --results FILE writes all of them\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%s is not in %s", want, text.String())
		}
	}
}

// undo does not touch records that somebody changed since.
func TestUndoLeavesLaterChanges(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	made, _ := r.do(Insert, "Name,Code\nOne,a\nTwo,b\n", Options{})
	folder := r.lastRun()
	r.ahead.Store(int64(time.Minute))
	r.do(Update, "id,Note\n"+made.Rows[0]["rc_record_id"]+",later\n", Options{})
	got, _ := r.undo(folder)
	if d := cmp.Diff([]string{" CHANGED_SINCE", "deleted SUCCESS"}, got.Column("rc_action", "rc_code")); d != "" {
		t.Error(d)
	}
	if left := r.things("Code"); len(left) != 1 || left["a"]["Note"] != "later" {
		t.Error(left)
	}
}

// Modified_Time has whole seconds. A change within the second of the run shows only in the values, and undo sees it.
func TestUndoLeavesChangesOfTheSameSecond(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.stopped = time.Now()
	made, _ := r.do(Insert, "Name,Code,Note\nOne,a,x\nTwo,b,y\n", Options{})
	inserted, one := r.lastRun(), made.Rows[0]["rc_record_id"]
	r.do(Update, "id,Note,Price\n"+one+",run,\n"+one+",run,7\n"+one+",again,\n"+made.Rows[1]["rc_record_id"]+",run,\n", Options{})
	updated := r.lastRun()
	r.do(Update, "id,Note\n"+made.Rows[1]["rc_record_id"]+",later\n", Options{})
	got, _ := r.undo(updated)
	if now := r.things("Code"); now["a"]["Note"] != "x" || now["a"]["Price"] != nil || now["b"]["Note"] != "later" {
		t.Error(now, got.Column("rc_action", "rc_code"))
	}
	got, _ = r.undo(inserted)
	if d := cmp.Diff([]string{"deleted SUCCESS", " CHANGED_SINCE"}, got.Column("rc_action", "rc_code")); d != "" {
		t.Error(d)
	}
}

// Zoho's lists cut rich texts. undo does not restore a text that may be cut, because its end would be lost.
func TestUndoPutsNoCutTextBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	long := strings.Repeat("é", mostInList+1)
	made, _ := r.do(Insert, "Name,Code,Page\nOne,a,"+long+"\nTwo,b,"+long[4:]+"\n", Options{})
	r.do(Update, "id,Page\n"+made.Rows[0]["rc_record_id"]+",new\n"+made.Rows[1]["rc_record_id"]+",new\n", Options{})
	got, _ := r.undo(r.lastRun())
	if d := cmp.Diff([]string{"PRIOR_UNKNOWN", "SUCCESS"}, got.Column("rc_code")); d != "" {
		t.Error(d)
	}
	if now := r.things("Code"); now["a"]["Page"] != "new" || now["b"]["Page"] != long[4:] {
		t.Error(now)
	}
}

// Deleted records come back with their ids and values.
func TestUndoRestoresDeletedRecords(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	made, _ := r.do(Insert, "Name,Code,Note\nOne,a,x\nTwo,b,y\n", Options{})
	was := r.things("Code")
	r.do(Delete, "id\n"+made.Rows[0]["rc_record_id"]+"\n"+made.Rows[1]["rc_record_id"]+"\n", Options{})
	spent := r.Emu.Stats().Credits
	got, res := r.undo(r.lastRun())
	// the org, the modules and the fields are not in the price
	if p := res.Summary.Records; p.Reads != 2 || p.Credits != int64(r.Emu.Stats().Credits-spent)-3 {
		t.Errorf("%+v, spent %d", p, r.Emu.Stats().Credits-spent)
	}
	if d := cmp.Diff([]string{"restored", "restored"}, got.Column("rc_action")); d != "" || res.Summary.Rows.Restored != 2 {
		t.Error(d)
	}
	if d := cmp.Diff(was, r.things("Code")); d != "" {
		t.Error(d)
	}
}

// A run that did not read first cannot be taken back, and the error says so.
func TestUndoNeedsWhatWasBefore(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	made, _ := r.do(Insert, "Name,Code\nOne,a\n", Options{})
	r.do(Update, "id,Name\n"+made.Rows[0]["rc_record_id"]+",Uno\n", Options{ReadFirst: job.Off})
	earlier, err := job.OpenEarlier(r.lastRun(), r.Env())
	if err != nil {
		t.Fatal(err)
	}
	defer earlier.Close()
	if _, _, err = earlier.Inverse(); err == nil || !strings.Contains(err.Error(), "--read-first on") {
		t.Error(err)
	}
}

// A run that read first writes undo.csv with the values before, the latest change first. The summary names the file. No
// command accepts it as input.
func TestUndoTable(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	made, res := r.do(Insert, "Name,Code,Note\nOne,a,x\nTwo,b,y\n", Options{})
	if res.Summary.Files.Undo != "" {
		t.Error("an insert reads nothing first")
	}
	table := "Name,Code,Note\nUno,a,x\nTwo,b,y\nNew,c,z\nUna,a,x\n"
	got, res := r.do(Upsert, table, Options{DuplicateCheck: []string{"Code"}})
	text, err := os.ReadFile(res.Summary.Files.Undo)
	if err != nil {
		t.Fatal(err)
	}
	one, three := made.Rows[0]["rc_record_id"], got.Rows[2]["rc_record_id"]
	was := `"{""Name"":""One""}",updated,`
	want := "id,undo_prior,rc_action,undo_row\n" + one + "," + was + "4\n" + three + ",,inserted,3\n" + one + "," + was + "1\n"
	if d := cmp.Diff(want, string(text)); d != "" {
		t.Error(d)
	}
	if said := r.refused(Update, string(text), Options{}); !strings.Contains(said, "rolecall undo RUN") {
		t.Error(said)
	}
	if _, res = r.do(Upsert, table, Options{ReadFirst: job.Off}); res.Summary.Files.Undo != "" {
		t.Error("without reading nothing is known")
	}
}

// A restored record that somebody changed since stays when the undo of the deletion is undone.
func TestUndoOfARestoreLeavesLaterChanges(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	made, _ := r.do(Insert, "Name,Code\nOne,a\nTwo,b\n", Options{})
	r.do(Delete, "id\n"+made.Rows[0]["rc_record_id"]+"\n"+made.Rows[1]["rc_record_id"]+"\n", Options{})
	r.undo(r.lastRun())
	restored := r.lastRun()
	r.ahead.Store(int64(time.Minute))
	r.do(Update, "id,Note\n"+made.Rows[0]["rc_record_id"]+",later\n", Options{})
	got, _ := r.undo(restored)
	if d := cmp.Diff([]string{" CHANGED_SINCE", "deleted SUCCESS"}, got.Column("rc_action", "rc_code")); d != "" {
		t.Error(d)
	}
}

// undo triggers no more automations in Zoho than the run did. The price is that of the deletions.
func TestUndoKeepsTheTrigger(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	made, _ := r.do(Insert, "Name,Code\n"+strings.Repeat("N,\n", 60), Options{Trigger: []string{}})
	inserted := r.lastRun()
	r.do(Update, "id,Note\n"+made.Rows[0]["rc_record_id"]+",n\n", Options{Trigger: []string{}})
	r.writes()
	r.undo(r.lastRun())
	if calls := r.writes(); len(calls) != 1 || !strings.Contains(calls[0], `"trigger":[]`) {
		t.Errorf("%q", calls)
	}
	_, res := r.undo(inserted)
	if calls := r.writes(); len(calls) != 2 || !strings.Contains(calls[0], "wf_trigger=false") {
		t.Errorf("%q", calls)
	}
	if p := res.Summary.Records; p.Calls != 2 || p.Reads != 1 || p.Credits != 3 {
		t.Errorf("%+v", p)
	}
}

// An undo that was killed between two rows of one record knows its own change.
func TestUndoGoesOnAfterItsOwnChange(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	made, _ := r.do(Insert, "Name,Code,Note\nOne,a,x\n", Options{})
	id := made.Rows[0]["rc_record_id"]
	r.do(Update, "id,Name,Note\n"+id+",Uno,\n"+id+",,y\n", Options{})
	earlier, err := job.OpenEarlier(r.lastRun(), r.Env())
	if err != nil {
		t.Fatal(err)
	}
	k, back, err := earlier.Inverse()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	left, puts := "", 0
	q := job.Request{
		Kind: k, Settings: job.Settings{Concurrency: 1, Options: json.RawMessage("{}")}, Made: back,
		RunDir: filepath.Join(r.Dir, "undo"), Env: r.Env(),
	}
	q.Yes = true
	r.ahead.Store(int64(time.Minute))
	r.Front.Meddle = func(w http.ResponseWriter, c *http.Request, _ string, pass jobtest.Pass) {
		if c.Method == http.MethodPut {
			if puts++; puts == 2 {
				left = r.Copy(q.RunDir, "left")
				cancel(job.ErrInterrupted)
				panic(http.ErrAbortHandler)
			}
		}
		pass(w)
	}
	_, _ = job.Start(ctx, q) // this process is dead
	earlier.Close()
	r.Front.Meddle = nil
	if left == "" {
		t.Fatal("no second call")
	}
	if _, err := job.Resume(t.Context(), job.Again{RunDir: left, Env: r.Env()}); err != nil {
		t.Fatal(err)
	}
	got := r.Table(filepath.Join(left, "results.csv"))
	if d := cmp.Diff([]string{"updated", "updated"}, got.Column("rc_action")); d != "" {
		t.Error(d, got.Column("rc_code", "rc_message"))
	}
}

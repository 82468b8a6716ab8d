package stakeholder

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

// For any org, rows, faults and kills, undo of a finished or killed run restores the org, and undo of the undo restores
// the change. Contacts that somebody else changed in between are not touched, and their rows say so.
func TestUndoEqualsBefore(t *testing.T) {
	t.Parallel()
	root, n := t.TempDir(), 0
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(noDeadline{t}, func(rt *rapid.T) {
			n++
			r := drawOrg(t, rt, filepath.Join(root, fmt.Sprint(n)))
			command := rapid.SampledFrom([]string{Assign, Remove}).Draw(rt, "command")
			before := r.State()
			dir := r.drawRun(rt, command)
			after, sent := r.State(), r.sentRows(dir)
			for _, name := range []string{Assign, Remove} {
				if rapid.Bool().Draw(rt, "somebody does "+name) {
					r.someoneElse(rt, name, sent)
				}
			}
			between := r.State()
			back := r.drawUndo(rt, dir, "back")
			want, since := undone(before, after, between)
			if d := cmp.Diff(want, r.State()); d != "" {
				rt.Fatalf("%s, undone (-want +got):\n%s", command, d)
			}
			if d := cmp.Diff(since, r.changedSince(back)); d != "" {
				rt.Fatalf("%s: changed since (-want +got):\n%s", command, d)
			}
			again := r.drawUndo(rt, back, "again")
			if d := cmp.Diff(withVanished(command, between, before, after, sent), r.State()); d != "" {
				rt.Fatalf("%s, the undo undone (-want +got):\n%s", command, d)
			}
			if named := r.changedSince(again); len(named) > 0 {
				rt.Fatalf("%s, the undo undone: changed since: %q", command, named)
			}
		})
	})
}

// drawOrg returns an org with some people on its deals, and faults.
func drawOrg(t *testing.T, rt *rapid.T, dir string) *rig {
	var people []string
	roles := []string{"Purchasing", "Decision Maker", "Executive Sponsor"}
	for range rapid.IntRange(0, 30).Draw(rt, "people") {
		people = append(people, fmt.Sprintf("%d %d %s", rapid.IntRange(1, modelDeals).Draw(rt, "deal"),
			rapid.IntRange(1, modelContacts).Draw(rt, "contact"), rapid.SampledFrom(roles).Draw(rt, "role")))
	}
	o := peopled(people...)
	o.Org.Generated = emulator.Generated{Deals: modelDeals, Contacts: modelContacts}
	o.CollectionPut = rapid.SampledFrom([]string{"merge", "replace", "off"}).Draw(rt, "collection put")
	o.Composite = rapid.SampledFrom([]string{"on", "off"}).Draw(rt, "composite")
	o.FaultSeed = rapid.Int64().Draw(rt, "seed")
	var err error
	o.Faults, err = emulator.ParseFaults(
		rapid.SampledFrom([]string{"", "429=2%,500=1%,reset=1%,drop=3%,html=1%,truncate=2%"}).Draw(rt, "faults"))
	if err != nil {
		rt.Fatal(err)
	}
	r := newVirtualRig(t, o)
	r.batched(nil)
	r.Version = rapid.SampledFrom([]string{"", "v3"}).Draw(rt, "version")
	if r.Version != "" {
		r.Org = nil // it has neither the collection PUT nor composite requests
	}
	if r.Dir = dir; os.Mkdir(dir, 0o700) != nil {
		rt.Fatal("no folder")
	}
	return r
}

// drawRun does a run that reads first and may be killed some times. The run may stay unfinished after a kill.
func (r *rig) drawRun(rt *rapid.T, command string) (dir string) {
	var lines []string
	for _, row := range drawRows(rt) {
		lines = append(lines, fmt.Sprintf("%d %d %s", row.deal, row.contact, row.role))
	}
	q := r.readingFirst(command, lines...)
	q.Options.Composite = rapid.SampledFrom([]job.Choice{job.On, job.Off}).Draw(rt, "reads")
	q.Settings.MaxErrors = job.Threshold{Percent: 100, Number: -1, Set: true}
	kills := rapid.IntRange(0, 2).Draw(rt, "kills")
	dir, over := r.killedTimes(rt, kills, q.RunDir, start(q))
	switch {
	case over:
	case kills == 0:
		r.run(q)
	case rapid.Bool().Draw(rt, "resume"):
		if err := r.resumption(dir)(r.T.Context()); err != nil {
			rt.Fatal(err)
		}
	}
	return dir
}

// drawUndo takes the run in a folder back, by a run that may be killed some times and then finishes.
func (r *rig) drawUndo(rt *rapid.T, dir, name string) (back string) {
	to := filepath.Join(r.Dir, name)
	undo := func(ctx context.Context) error {
		_, err := r.undoing(dir, to, func(q *job.Request) {
			q.Settings.MaxErrors = job.Threshold{Percent: 100, Number: -1, Set: true}
		})(ctx)
		return err
	}
	back, over := r.killedTimes(rt, rapid.IntRange(0, 2).Draw(rt, "kills of "+name), to, undo)
	if over {
		return back
	}
	if back != to {
		undo = r.resumption(back)
	}
	if err := undo(r.T.Context()); err != nil {
		rt.Fatal(err)
	}
	return back
}

// sentRows returns the rows that a run sent, by deal and contact. A kill may have lost their outcomes.
func (r *rig) sentRows(dir string) map[string]job.Row {
	sent := map[string]job.Row{}
	for _, row := range r.Rows(dir) {
		if row.Sent {
			sent[row.Key+" "+row.Item] = row
		}
	}
	return sent
}

// withVanished returns the state between, with the contacts that an open proof of the collection PUT took off. Nobody
// asked for this removal, so undo puts the contacts back, and undo of the undo leaves them on the deal.
func withVanished(
	command string, between, before, after map[string]map[string]string, sent map[string]job.Row,
) map[string]map[string]string {
	want := map[string]map[string]string{}
	for deal := 1; deal <= modelDeals; deal++ {
		id := jobtest.DealID(deal)
		contacts := maps.Clone(between[id])
		for contact := 1; contact <= modelContacts && command == Assign; contact++ {
			who := jobtest.ContactID(contact)
			role := before[id][who]
			if row, is := sent[id+" "+who]; is && row.Done != nil && row.Done.OK() {
				role = askOf(&row).Name
			}
			if role == "" || after[id][who] != "" || between[id][who] != "" {
				continue
			}
			if contacts == nil {
				contacts = map[string]string{}
			}
			contacts[who] = role
		}
		if len(contacts) > 0 {
			want[id] = contacts
		}
	}
	return want
}

// someoneElse changes some contacts by another run, which is not taken back. It leaves out deals with a call whose
// outcome a kill lost, because there it cannot be decided who made the change.
func (r *rig) someoneElse(rt *rapid.T, command string, sent map[string]job.Row) {
	open := map[string]bool{}
	for _, row := range sent {
		open[row.Key] = open[row.Key] || row.Done == nil
	}
	var lines []string
	for range rapid.IntRange(1, 8).Draw(rt, "changes") {
		deal := rapid.IntRange(1, modelDeals).Draw(rt, "deal")
		contact := rapid.IntRange(1, modelContacts).Draw(rt, "contact")
		role := rapid.SampledFrom([]string{"Purchasing", "Decision Maker", "Engineering Lead"}).Draw(rt, "role")
		if !open[jobtest.DealID(deal)] {
			lines = append(lines, fmt.Sprintf("%d %d %s", deal, contact, role))
		}
	}
	if len(lines) == 0 {
		return
	}
	q := r.request(command, jobtest.Triples(lines...))
	q.Settings.LastWins, q.Options.OneByOne, q.RunDir = true, true, filepath.Join(r.Dir, "someone "+command)
	q.Settings.MaxErrors = job.Threshold{Percent: 100, Number: -1, Set: true}
	r.run(q)
}

// undone returns the state after an undo of the state between: the changes of the run are reversed, except for contacts
// that are neither as the run left them nor as before. since is these contacts.
func undone(before, after, between map[string]map[string]string) (want map[string]map[string]string, since []string) {
	want = map[string]map[string]string{}
	for deal := 1; deal <= modelDeals; deal++ {
		id := jobtest.DealID(deal)
		want[id] = maps.Clone(between[id])
		for contact := 1; contact <= modelContacts; contact++ {
			who := jobtest.ContactID(contact)
			was, left, now := before[id][who], after[id][who], between[id][who]
			switch {
			case was == left || now == was:
			case now != left:
				since = append(since, id+" "+who)
			case was == "":
				delete(want[id], who)
			default:
				if want[id] == nil {
					want[id] = map[string]string{}
				}
				want[id][who] = was
			}
		}
	}
	maps.DeleteFunc(want, func(_ string, contacts map[string]string) bool { return len(contacts) == 0 })
	return want, since
}

// changedSince returns the rows of an undo that failed because somebody changed the contact since. Every other row must
// be a success, except for rows of a deal that does not exist and whose outcome a kill lost.
func (r *rig) changedSince(dir string) (named []string) {
	r.T.Helper()
	for _, row := range r.Table(filepath.Join(dir, rundir.Results)).Rows {
		switch {
		case row["rc_code"] == job.CodeChangedSince:
			named = append(named, row["deal_id"]+" "+row["contact_id"])
		case row["rc_code"] == job.CodePriorUnknown && row["undo_outcome"] == outcomeUnknown &&
			row["deal_id"] == jobtest.DealID(modelDeals+1):
		case row["rc_status"] != string(job.Success):
			r.T.Errorf("row %v", row)
		}
	}
	slices.Sort(named)
	return named
}

package stakeholder

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

// exportRow returns a row of a file as a job has it.
func exportRow(contact int, wants, was, base string) job.Row {
	return job.Row{Key: jobtest.DealID(1), Item: jobtest.ContactID(contact), Ask: job.Encode(ask{
		role: role{ID: wants}, Sheet: &exported{Base: base, RoleID: was},
	})}
}

// The rows of a deal tell whether they are those of the export: not if one was deleted. A row that was added, and a
// copy of another deal's row, do not count.
func TestSheetKnowsItsExport(t *testing.T) {
	t.Parallel()
	base := baseOf(jobtest.DealID(1), map[string]string{jobtest.ContactID(1): "11", jobtest.ContactID(2): "12"})
	one, two := exportRow(1, "11", "11", base), exportRow(2, "99", "12", base)
	added := job.Row{Key: one.Key, Item: jobtest.ContactID(3), Ask: job.Encode(ask{Sheet: &exported{}})}
	copied := exportRow(4, "11", "11", "hother")
	for name, test := range map[string]struct {
		rows  []job.Row
		whole bool
	}{
		"edited":      {[]job.Row{one, two}, true},
		"sorted":      {[]job.Row{two, one}, true},
		"added":       {[]job.Row{added, one, two}, true},
		"copied":      {[]job.Row{copied, one, two}, true},
		"deleted":     {[]job.Row{one}, false},
		"copied here": {[]job.Row{one, two, exportRow(3, "11", "11", base)}, false},
	} {
		s := sheetOf(test.rows)
		if !s.exported || s.whole != test.whole || s.base != base || s.leaves(askOf(&copied)) {
			t.Errorf("%s: %+v", name, s)
		}
		if !s.leaves(askOf(&one)) || s.leaves(askOf(&two)) {
			t.Errorf("%s: the rows that nobody edited", name)
		}
	}
	if s := sheetOf([]job.Row{{Key: one.Key, Item: jobtest.ContactID(1), Ask: job.Encode(ask{})}}); s.exported || s.whole {
		t.Errorf("a file from elsewhere: %+v", s)
	}
}

// A run with --prune is killed at its first removal. The resumed run asks again, takes off exactly the contacts that
// the file does not name, and nobody else.
func TestResumedPruneTakesOffNobodyElse(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing", "1 2 Purchasing", "1 3 Purchasing"), func(t *testing.T, r *rig) {
		rows := exportOf(r.State())
		q := r.applying(textOf(rows[:1]), "run")
		q.Options.Prune = true
		left, died := r.killed(kill{1, false}, q.RunDir, "killed", start(q))
		if !died {
			t.Fatal("no removal")
		}
		resume := func(ctx context.Context) error {
			env := r.Env()
			env.Yes = true
			_, err := job.Resume(ctx, job.Again{RunDir: left, Env: env})
			return err
		}
		if err := resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := map[string]map[string]string{jobtest.DealID(1): {jobtest.ContactID(1): "Purchasing"}}
		if d := cmp.Diff(want, r.State()); d != "" {
			t.Errorf("state (-want +got):\n%s", d)
		}
		removed := r.Table(filepath.Join(left, removedFile)).Column("contact_id", "rc_action")
		if d := cmp.Diff([]string{
			"zcrm_" + jobtest.ContactID(2) + " removed", "zcrm_" + jobtest.ContactID(3) + " removed",
		}, removed); d != "" {
			t.Errorf("removed.csv (-want +got):\n%s", d)
		}
	})
}

// A deal whose rows are all as at the export is not read. A deal that changes is read twice: for the plan, and right
// before the write. The run spends as many credits as announced.
func TestApplyReadsWhatMatters(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing", "1 2 Purchasing", "2 1 Purchasing", "3 1 Purchasing"),
		func(t *testing.T, r *rig) {
			rows := exportOf(r.State())
			rows[2].role = "Decision Maker"
			q := r.applying(textOf(rows), "run")
			w := r.listen()
			res := r.run(q)
			if d := cmp.Diff([]string{"read 2", "read 2", "one 2: 1"}, w.list()); d != "" {
				t.Errorf("calls (-want +got):\n%s", d)
			}
			if p := res.Summary.Plan; res.Summary.Spent.Credits != p.Reads+p.DealReads+p.Calls || p.Calls != 1 {
				t.Errorf("spent %+v, announced %+v", res.Summary.Spent, p)
			}
			if n := res.Summary.Rows; n.Updated != 1 || n.Unchanged != 3 {
				t.Errorf("%+v", n)
			}
		})
}

// A composite request reads five deals, however far apart they are in the file. The run spends as many credits as
// announced, whether the rows go one by one or together.
func TestCompositeApplyCostsWhatItSays(t *testing.T) {
	t.Parallel()
	const all, each, edited = 60, 3, 20
	var people []string
	for i := 1; i <= all; i++ {
		people = append(people, fmt.Sprintf("%d 1 Purchasing", i), fmt.Sprintf("%d 2 Purchasing", i))
	}
	for _, alone := range []bool{true, false} {
		virtually(t, peopled(people...), func(t *testing.T, r *rig) {
			rows := exportOf(r.State())
			for i := range edited { // both contacts of one deal of three
				rows[2*each*i].role, rows[2*each*i+1].role = "Decision Maker", "Decision Maker"
			}
			r.Org = func(o *job.Org) { o.Batches, o.Composes = true, true }
			q := r.applying(textOf(rows), "run")
			q.Settings.Concurrency, q.Options.Composite, q.Options.OneByOne = 5, job.On, alone
			res := r.run(q)
			p := res.Summary.Plan
			if want := int64(edited/5 + 1 + edited/5); p.CompositeReads != want || !p.Composite {
				t.Errorf("one by one %v: %d composite reads announced, want %d", alone, p.CompositeReads, want)
			}
			announced, spent := p.Reads+p.CompositeReads+p.Calls, res.Summary.Spent.Credits
			if alone && spent != announced || spent > announced {
				t.Errorf("one by one %v: spent %d, announced %d", alone, spent, announced)
			}
			if n := res.Summary.Rows; n.Updated != 2*edited || n.Unchanged != 2*(all-edited) {
				t.Errorf("one by one %v: %+v", alone, n)
			}
		})
	}
}

// If the org no longer has the role of a row, but the contact still has it as at the export, the row is unchanged. If
// people typed another unknown name, the row fails.
func TestRoleThatTheOrgHasNoMore(t *testing.T) {
	t.Parallel()
	const gone = "4150868000000006999"
	o := peopled("1 1 Purchasing", "1 2 Purchasing", "2 1 Purchasing")
	o.Org.DeletedRoles = []emulator.OrgRole{{ID: gone, Name: "Old Hand"}}
	o.Org.DealRoles[jobtest.DealID(1)][jobtest.ContactID(2)] = emulator.RoleRef{ID: gone}
	o.Org.DealRoles[jobtest.DealID(2)][jobtest.ContactID(1)] = emulator.RoleRef{ID: gone}
	virtually(t, o, func(t *testing.T, r *rig) {
		bases := []string{"", baseOf(jobtest.DealID(1), map[string]string{
			jobtest.ContactID(1): roleIDs()["Purchasing"], jobtest.ContactID(2): gone,
		}), baseOf(jobtest.DealID(2), map[string]string{jobtest.ContactID(1): gone})}
		file := func(header string, lines ...string) string {
			text := header + "\n"
			for _, line := range lines {
				var deal, contact int
				var rest string
				if _, err := fmt.Sscanf(line, "%d %d %s", &deal, &contact, &rest); err != nil {
					t.Fatal(err)
				}
				text += fmt.Sprintf("%s,%s,%s,%s\n", jobtest.DealID(deal), jobtest.ContactID(contact), bases[deal],
					strings.ReplaceAll(rest, "_", " "))
			}
			return text
		}
		for _, test := range []struct {
			name, text string
			want       []string
		}{
			{"left alone", file("deal_id,contact_id,rc_base,role,role_id", "1 1 Purchasing,"+roleIDs()["Purchasing"],
				"1 2 Old_Hand,"+gone, "2 1 Old_Hand,"+gone),
				[]string{"unchanged SUCCESS", "unchanged SUCCESS", "unchanged SUCCESS"}},
			{"ids alone", file("deal_id,contact_id,rc_base,role_id", "1 2 "+gone, "2 1 "+gone),
				[]string{"unchanged SUCCESS", "unchanged SUCCESS"}},
			// The last one changes the org.
			{"another name", file("deal_id,contact_id,rc_base,role,role_id",
				"1 2 Old_Hands,"+gone, "2 1 Purchasing,"+gone),
				[]string{" ROLE_UNKNOWN", "updated SUCCESS"}},
		} {
			q := r.applying(test.text, test.name)
			r.run(q)
			got := r.Table(filepath.Join(q.RunDir, rundir.Results)).Column("rc_action", "rc_code")
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", test.name, d)
			}
		}
	})
}

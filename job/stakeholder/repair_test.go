package stakeholder

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

// The first ids of the org whose ids are rounded. The others are near, so that several have the same certain digits.
const (
	nearDeal    = 4150868000010003905
	nearContact = 4150868000020004785
)

// drawNear draws an org whose ids are near each other and whose names repeat.
func drawNear(rnd *rand.Rand) (o namedOrg) {
	id := func(last string, first uint64) string {
		if last == "" {
			return fmt.Sprint(first)
		}
		n, _ := strconv.ParseUint(last, 10, 64)
		return fmt.Sprint(n + []uint64{1, 9_000, 3e6, 5e10, 2e13}[rnd.IntN(5)])
	}
	person, deal := "", ""
	for range 40 {
		person, deal = id(person, nearContact), id(deal, nearDeal)
		name := fmt.Sprint("Ada ", rnd.IntN(25))
		o.people = append(o.people, modelPerson{id: person, name: name, email: strings.Replace(name, " ", "@", 1) + ".io"})
		o.deals = append(o.deals, modelDeal{id: deal, name: fmt.Sprint("Deal ", rnd.IntN(25))})
	}
	return o
}

// roundedCell is an id as some program wrote it. unit is one of its last certain digit, 0 if it lost none.
type roundedCell struct {
	text        string
	value, unit uint64
}

// drawRounded draws what a program makes of an id.
func drawRounded(rnd *rand.Rand, id string) (c roundedCell) {
	n, _ := strconv.ParseUint(id, 10, 64)
	switch digits := 4 + rnd.IntN(14); digits {
	case 16: // as a spreadsheet keeps it
		n -= n % 1e4
		return roundedCell{fmt.Sprint(n), n, 1e4}
	case 17: // as Python's int(float(id)) gives it
		n = uint64(float64(n))
		return roundedCell{fmt.Sprint(n), n - n%1e4, 1e4}
	default: // as Excel shows it
		text := strconv.FormatFloat(float64(n), 'E', digits-1, 64)
		f, _ := strconv.ParseFloat(text, 64)
		unit := uint64(1)
		for range 19 - digits {
			unit *= 10
		}
		return roundedCell{text, (uint64(f) + unit/2) / unit * unit, unit}
	}
}

// mayBe reports whether a cell may stand for an id of as many digits.
func (c roundedCell) mayBe(id string) bool {
	n, _ := strconv.ParseUint(id, 10, 64)
	return n >= c.value-c.unit && n <= c.value+c.unit
}

// mayMean returns the records of an org that a rounded row may mean: with its names, and ids that could be rounded to
// it.
func (o namedOrg) mayMean(row namedRow, deal, contact roundedCell) (deals, people []string) {
	for _, d := range o.deals {
		if same(d.name, row.dealName) && deal.mayBe(d.id) {
			deals = append(deals, d.id)
		}
	}
	for _, p := range o.people {
		named := same(p.email, row.email)
		if row.email == "" {
			named = same(p.name, row.name)
		}
		if named && contact.mayBe(p.id) {
			people = append(people, p.id)
		}
	}
	return deals, people
}

// like returns the ids of an org that could be rounded to a cell, as the details of a row list them.
func (c roundedCell) like(ids []string) (all []string) {
	slices.Sort(ids)
	for _, id := range ids {
		if c.mayBe(id) {
			all = append(all, id)
		}
	}
	return all[:min(len(all), shownCandidates)]
}

// A rounded id is restored if exactly one record with the row's name or e-mail has an id that could be rounded to it.
func TestRoundedIDsAreRestoredAsTheModelSays(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(19, 1)) // the same rows each time
	org := drawNear(rnd)
	var rows []namedRow
	var want []string
	var dealIDs, contactIDs []string
	for i := range org.deals {
		dealIDs, contactIDs = append(dealIDs, org.deals[i].id), append(contactIDs, org.people[i].id)
	}
	likely := map[int][]string{} // the candidates of rows that fail for want of a name
	counts := map[string]int{}
	for range 300 {
		d, p := org.deals[rnd.IntN(len(org.deals))], org.people[rnd.IntN(len(org.people))]
		deal, contact := drawRounded(rnd, d.id), drawRounded(rnd, p.id)
		row := namedRow{deal.text, d.name, contact.text, strings.ToUpper(p.email), p.name}
		switch rnd.IntN(12) {
		case 0:
			row.email, row.name = "", ""
		case 1:
			row.dealName = ""
		case 2:
			row.email = "no@x.io" // the e-mail counts
		case 3, 4, 5:
			row.email = ""
		}
		code := job.CodeSuccess + " " + d.id + " " + p.id
		deals, people := org.mayMean(row, deal, contact)
		switch {
		case len(deals) != 1 || len(people) != 1:
			code = job.CodeIDRounded
		case deals[0] != d.id || people[0] != p.id:
			t.Fatal("the model restores another id")
		}
		switch {
		case row.dealName == "":
			likely[len(rows)] = deal.like(dealIDs)
		case row.email+row.name == "" && len(deals) == 1:
			likely[len(rows)] = contact.like(contactIDs)
		}
		counts[code[:3]]++
		rows, want = append(rows, row), append(want, code)
	}
	if len(likely) < 30 || counts["SUC"] < 100 || counts["ID_"] < 100 {
		t.Fatalf("few rows of a kind: %v", counts)
	}
	r := newRig(t, emulator.Options{Org: org.seed(t), CoqlCaseless: true})
	q := r.request(Assign, namedTable(rows))
	q.Options.RepairIDs, q.Settings.MaxErrors = true, everything()
	r.run(q)
	for i, row := range r.Results().Rows {
		got := row["rc_code"]
		if got == job.CodeSuccess {
			got += " " + row["rc_deal_id"] + " " + row["rc_contact_id"]
		}
		if got != want[i] {
			t.Errorf("%v: %s, want %s: %s", rows[i], got, want[i], row["rc_message"])
		}
		if ids, nameless := likely[i]; nameless {
			var listed []string
			for _, h := range job.Decoded[candidates]([]byte(row["rc_details"])).Candidates {
				listed = append(listed, h.ID)
			}
			if !slices.Equal(listed, ids) {
				t.Errorf("%v: candidates %v, want %v: %s", rows[i], listed, ids, row["rc_message"])
			}
		}
	}
}

// repairOrg has two contacts of one name whose ids share the certain digits of 4.15087E+18, and others.
func repairOrg(t *testing.T) *emulator.Org {
	return namedOrg{
		people: []modelPerson{
			{id: "4150868000020004785", name: "Ada", email: "ada@x.io"},
			{id: "4150868000020004786", name: "Ada", email: "other@x.io"},
			{id: "4150868000020009999", name: "Bo", email: "bo@x.io"},
		},
		deals: []modelDeal{{id: "4150868000010003905", name: "Big"}, {id: "4999868000010003905", name: "Small"}},
	}.seed(t)
}

// A row shows the rounded id that was repaired, or why it was not. Repeats are found by the restored ids. failed.csv
// can be given again, and a rounded id in it is not sent without the flag.
func TestARepairedRowSaysFromWhat(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: repairOrg(t)})
	run := func(text string, repair bool) (jobtest.Table, *job.Result, string) {
		t.Helper()
		q := r.request(Assign, text)
		q.RunDir, q.Options.RepairIDs = filepath.Join(t.TempDir(), "run"), repair
		res := r.run(q)
		failed, err := os.ReadFile(filepath.Join(q.RunDir, rundir.Failed))
		if err != nil {
			t.Fatal(err)
		}
		return r.Table(filepath.Join(q.RunDir, rundir.Results)), res, string(failed)
	}
	table, res, failed := run(`deal_id,deal_name,contact_id,contact_email,contact_name,role
4.15087E+18,Big,4.15087E+18,ADA@x.io,,Purchasing
4150868000010003905,Big,4150868000020004785,,Ada,Purchasing
4150868000010003905,,4150868000020000000,,Ada,Purchasing
4150868000010003905,,4150868000020010000,,,Purchasing
4.15087E+18,Small,4150868000020009999,,,Purchasing
zcrm_4150868000010003968,,4150868000020004785,,,Purchasing
4150868000010003905,,4.15087E+18,a@x.io;b@x.io,,Purchasing
4150868000010000000,,4150868000020004785,,,Purchasing
4150868000010003905,,9E+18,,,Purchasing
`, true)
	want := []string{
		"SUCCESS 4150868000010003905 4150868000020004785 deal_id 4.15087E+18; contact_id 4.15087E+18",
		"SUCCESS 4150868000010003905 4150868000020004785 ",
		"ID_ROUNDED 4150868000010003905  ",
		"ID_ROUNDED 4150868000010003905  ",
		"ID_ROUNDED  4150868000020009999 ",
		"INVALID_DATA 4150868000010003968 4150868000020004785 ", // zcrm_ says that the id is whole
		"ID_INVALID 4150868000010003905  ",
		"ID_ROUNDED  4150868000020004785 ",
		"ID_ROUNDED 4150868000010003905  ",
	}
	var got []string
	for _, row := range table.Rows {
		got = append(got, fmt.Sprintf("%s %s %s %s",
			row["rc_code"], row["rc_deal_id"], row["rc_contact_id"], row["rc_repaired_from"]))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if row := table.Rows[1]; row["rc_message"] != "same as row 1" {
		t.Errorf("the second row is no repeat: %v", row)
	}
	for i, says := range map[int]string{
		2: `contact_id: "4150868000020000000" looks rounded: 2 contacts with the name "Ada" have an id`,
		3: `3 contacts have an id that could be rounded to it, and the row has no e-mail and no name`,
		7: `only Big (4150868000010003905) has an id that could be rounded to it, and the row has no name that proves it`,
		8: `no contact has an id that could be rounded to it`,
		4: `deal_id: "4.15087E+18" looks rounded: no deal with the name "Small" has an id`,
	} {
		if row := table.Rows[i]; !strings.Contains(row["rc_message"], says) {
			t.Errorf("row %d: %s", i+1, row["rc_message"])
		}
	}
	for i, candidates := range map[int][]string{
		2: {"4150868000020004785", "other@x.io"}, 3: {"bo@x.io"}, 4: {"Small"}, 7: {`"id":"4150868000010003905"`},
	} {
		for _, one := range candidates {
			if d := table.Rows[i]["rc_details"]; !strings.Contains(d, one) {
				t.Errorf("row %d has no candidate %s: %s", i+1, one, d)
			}
		}
	}
	if text := fmt.Sprint(res.Summary.Notes); !strings.Contains(text, "restored 2 rounded ids") {
		t.Errorf("notes: %s", text)
	}
	before := r.Emu.Stats().Calls
	rows := strings.SplitAfter(failed, "\n")
	for _, repair := range []bool{false, true} { // the two rows whose contacts are digits; rolecall put zcrm_ before them
		again, _, _ := run(rows[0]+rows[1]+rows[2], repair)
		if d := cmp.Diff([]string{"ID_ROUNDED", "ID_ROUNDED"}, again.Column("rc_code")); d != "" {
			t.Errorf("again, repair %v: %s\n%s", repair, d, failed)
		}
	}
	for call, n := range r.Emu.Stats().Calls {
		if strings.HasPrefix(call, "PUT") && n != before[call] {
			t.Errorf("%s: %d calls more", call, n-before[call])
		}
	}
	filled := strings.Replace(rows[1], "zcrm_4150868000020000000", "4150868000020004786", 1)
	if again, _, _ := run(rows[0]+filled, false); again.Rows[0]["rc_code"] != job.CodeSuccess {
		t.Errorf("filled in: %v", again.Rows[0])
	}
}

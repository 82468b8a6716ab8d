package stakeholder

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api/emulator"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

// modelPerson and modelDeal are records of an org as the model of the look-up sees them.
type (
	modelPerson struct{ id, name, email, second, account, key string }
	modelDeal   struct{ id, name, account, key string }
)

// namedOrg is an org with duplicate names, accounts and e-mails.
type namedOrg struct {
	people []modelPerson
	deals  []modelDeal
}

// failer is a test, or a check of a property.
type failer interface{ Fatal(args ...any) }

// seed returns the org as the emulator takes it.
func (o namedOrg) seed(t failer) *emulator.Org {
	type record map[string]any
	account := func(id string) any {
		if id == "" {
			return nil
		}
		return record{"id": id, "name": "Account"}
	}
	key := []record{{"api_name": "Old_Key"}}
	modules := []record{{"api_name": "Deals", "fields": key}, {"api_name": "Contacts", "fields": key}}
	var people, deals, accounts []record
	for i := range 3 {
		accounts = append(accounts, record{"id": fmt.Sprint(7001 + i), "Account_Name": "Account"})
	}
	for _, p := range o.people {
		people = append(people, record{
			"id": p.id, "First_Name": "", "Last_Name": p.name, "Full_Name": p.name, "Email": p.email,
			"Secondary_Email": p.second, "Account_Name": account(p.account), "Old_Key": p.key,
		})
	}
	for _, d := range o.deals {
		deals = append(deals, record{
			"id": d.id, "Deal_Name": d.name, "Account_Name": account(d.account), "Old_Key": d.key,
		})
	}
	text, err := json.Marshal(record{"modules": modules, "contacts": people, "deals": deals, "accounts": accounts})
	if err != nil {
		t.Fatal(err)
	}
	org, err := emulator.ReadOrg(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return org
}

// namedRow is a row that names its deal and its contact in some way.
type namedRow struct{ dealID, dealName, contactID, email, name string }

// same reports whether two texts look the same: without case and with any white space.
func same(a, b string) bool {
	words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	return a != "" && b != "" && strings.EqualFold(words(a), words(b))
}

// resolve is the model of the look-up. external says that ids are keys.
func (o namedOrg) resolve(r namedRow, external bool) (code, deal, contact string) {
	account, there, given := "", false, r.contactID // an id of the row is shown, whatever its deal is
	if external {
		given = ""
	}
	var deals []modelDeal
	for _, d := range o.deals {
		switch {
		case r.dealID == "" && same(d.name, r.dealName), r.dealID != "" && external && d.key == r.dealID,
			r.dealID != "" && !external && d.id == r.dealID:
			deals = append(deals, d)
		}
	}
	switch {
	case len(deals) == 1:
		deal, account, there = deals[0].id, deals[0].account, true
	case r.dealID != "" && !external:
		deal = r.dealID
	case len(deals) == 0:
		return job.CodeDealUnknown, "", given
	default:
		return job.CodeDealAmbiguous, "", given
	}
	var people, colleagues []modelPerson
	for _, p := range o.people {
		hit := false
		switch {
		case r.contactID != "" && external:
			hit = p.key == r.contactID
		case r.contactID != "":
		case r.email != "":
			hit = same(p.email, r.email) || same(p.second, r.email)
		default:
			hit = same(p.name, r.name)
		}
		if hit {
			people = append(people, p)
			if account != "" && p.account == account {
				colleagues = append(colleagues, p)
			}
		}
	}
	if len(people) > 1 && len(colleagues) == 1 {
		people = colleagues
	}
	switch {
	case r.contactID != "" && !external:
		contact = r.contactID
		there = there && len(contact) > 0 && contact <= fmt.Sprint(415086808000+len(o.people))
	case len(people) == 0:
		return job.CodeContactUnknown, deal, ""
	case len(people) > 1:
		return job.CodeContactAmbiguous, deal, ""
	default:
		contact = people[0].id
	}
	if !there {
		return codeInvalidData, deal, contact
	}
	return job.CodeSuccess, deal, contact
}

// drawNamedOrg draws an org. Its texts have quotes, commas and brackets, which queries and searches must escape.
func drawNamedOrg(rt *rapid.T) (o namedOrg) {
	names := rapid.SampledFrom([]string{"Ada O'Hara", "ada o'hara", `Bo (X), Jr\`, "Zoë Müller", "A-B C", "A B C"})
	mails := rapid.SampledFrom([]string{"a-b@x.io", "a_b@x.io", "o'h@x.io", "C@x.io", "c@x.io", ""})
	accounts := rapid.SampledFrom([]string{"7001", "7002", ""})
	keys := rapid.SampledFrom([]string{"K1", "k1", "K'2", "0065g(0)", ""})
	for i := range rapid.IntRange(1, 6).Draw(rt, "people") {
		o.people = append(o.people, modelPerson{
			id: fmt.Sprint(415086808001 + i), name: names.Draw(rt, "name"), email: mails.Draw(rt, "email"),
			second: mails.Draw(rt, "second"), account: accounts.Draw(rt, "account"), key: keys.Draw(rt, "key"),
		})
	}
	for i := range rapid.IntRange(1, 4).Draw(rt, "deals") {
		o.deals = append(o.deals, modelDeal{
			id: fmt.Sprint(415086809001 + i), name: names.Draw(rt, "deal"), account: accounts.Draw(rt, "of"),
			key: keys.Draw(rt, "deal key"),
		})
	}
	return o
}

// drawNamedRow draws a row that names records of the org, or others, in any case and with any white space.
func drawNamedRow(rt *rapid.T, external bool) (r namedRow) {
	look := rapid.SampledFrom([]func(string) string{
		strings.Clone, strings.ToUpper, strings.ToLower, func(s string) string { return strings.ReplaceAll(s, " ", "  ") },
	})
	ids := func(first int) string {
		if external {
			return rapid.SampledFrom([]string{"K1", "k1", "K'2", "0065g(0)", "K3"}).Draw(rt, "key")
		}
		return fmt.Sprint(first + rapid.IntRange(0, 6).Draw(rt, "id"))
	}
	names := rapid.SampledFrom([]string{"Ada O'Hara", `Bo (X), Jr\`, "Zoë Müller", "A-B C", "A B C", "Nobody"})
	mails := rapid.SampledFrom([]string{"a-b@x.io", "a_b@x.io", "o'h@x.io", "c@x.io", "no@x.io"})
	if rapid.Bool().Draw(rt, "by deal id") {
		r.dealID = ids(415086809001)
	}
	r.dealName = look.Draw(rt, "look")(names.Draw(rt, "deal name"))
	switch rapid.IntRange(0, 3).Draw(rt, "by") {
	case 0:
		r.contactID = ids(415086808001)
	case 1, 2:
		r.email = look.Draw(rt, "look")(mails.Draw(rt, "mail"))
	}
	r.name = look.Draw(rt, "look")(names.Draw(rt, "contact name"))
	return r
}

// Each row of a random file over a random org resolves as the model says, or fails with the model's code: by COQL and
// by Search alike.
func TestNamedRowsResolveAsTheModelSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		org, external := drawNamedOrg(rt), rapid.Bool().Draw(rt, "external")
		var rows []namedRow
		for range rapid.IntRange(1, 8).Draw(rt, "rows") {
			rows = append(rows, drawNamedRow(rt, external))
		}
		var want []string
		for _, row := range rows {
			code, deal, contact := org.resolve(row, external)
			want = append(want, code+" "+deal+" "+contact)
		}
		for by, o := range map[string]emulator.Options{
			"COQL without case": {CoqlCaseless: true}, "COQL with case": {}, "Search": {Coql: "unscoped"},
		} {
			o.Org = org.seed(rt)
			r := &rig{Rig: jobtest.NewVirtual(t, o)}
			r.Kinds = Kinds()
			if d := cmp.Diff(want, r.resolved(rt, rows, external)); d != "" {
				rt.Fatalf("%s (-model +got):\n%s", by, d)
			}
		}
	})
}

// resolved runs an assign over rows and returns the code and the ids of each.
func (r *rig) resolved(t failer, rows []namedRow, external bool) []string {
	q := r.request(Assign, namedTable(rows))
	q.Options.OneByOne = true
	if external {
		q.Options.External = csvio.External{csvio.DealID: "Old_Key", csvio.ContactID: "Old_Key"}
	}
	q.Settings.MaxErrors = job.Threshold{Percent: 100, Number: -1, Set: true}
	if _, err := job.Start(r.T.Context(), q.with()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range r.Results().Rows {
		got = append(got, row["rc_code"]+" "+row["rc_deal_id"]+" "+row["rc_contact_id"])
	}
	return got
}

// namedTable returns a table of rows. All give one role, so that no row supersedes another.
func namedTable(rows []namedRow) string {
	var b strings.Builder
	b.WriteString("deal_id,deal_name,contact_id,contact_email,contact_name,role\n")
	for _, r := range rows {
		for _, cell := range []string{r.dealID, r.dealName, r.contactID, r.email, r.name} {
			b.WriteString(`"` + strings.ReplaceAll(cell, `"`, `""`) + `",`)
		}
		b.WriteString("Purchasing\n")
	}
	return b.String()
}

// A run that stops in its look-up goes on with it: no value is looked up again, and each row has its outcome.
func TestStoppedInTheLookUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Deals: 5, Contacts: 460, CoqlCaseless: true})
	q := r.request(Assign, mails(450))
	q.Settings.Concurrency, q.Options.OneByOne, q.Settings.MaxCredits = 1, true, 4 // the org, two queries, how Zoho compares
	res := r.run(q)
	if res.Stop == nil || res.Stop.Reason != job.OutOfBudget {
		t.Fatalf("%+v", res)
	}
	results := r.Results()
	if got := results.Rows[449]; got["rc_status"] != string(job.NotAttempted) || got["rc_deal_id"] == "" {
		t.Errorf("the last row: %v", got)
	}
	before := r.Emu.Stats().Calls["POST /coql"]
	res, err := job.Resume(t.Context(), job.Again{RunDir: r.RunDir(), Env: r.Env(), Change: func(s *job.Settings) {
		s.MaxCredits = 0
	}})
	if err != nil || res.Stop != nil || res.Summary.Rows.Success != 450 {
		t.Fatalf("%v %+v", err, res)
	}
	if after := r.Emu.Stats().Calls["POST /coql"]; before != 2+1 || after != 5+2 {
		t.Errorf("%d queries before the stop, %d in all; want 3 and 7", before, after)
	}
}

// mails returns a table of n generated contacts by their e-mails, without those that two contacts have.
func mails(n int) string {
	given := strings.Fields("ada bruno chidi dana elif farid grace hana ines jonas kofi lena mira noor otto priya")
	family := strings.Fields(
		"abara bianchi costa duval eriksen fischer garcia haddad ivanova jensen kim lopez meyer")
	var b strings.Builder
	b.WriteString("deal_id,contact_email,role\n")
	for j, left := 1, n; left > 0; j++ {
		if j%97 == 0 || j%97 == 96 {
			continue
		}
		left--
		fmt.Fprintf(&b, "%s,%s.%s.%d@example.com,Purchasing\n", jobtest.DealID(j%5+1), given[j%len(given)],
			family[j%len(family)], j)
	}
	return b.String()
}

// failed.csv has an empty column for the id that a row lacks. Filled in, the row goes through. Keys of another system
// need no flag then.
func TestFailedRowsGoThroughOnceFilledIn(t *testing.T) {
	t.Parallel()
	o := namedOrg{
		people: []modelPerson{
			{id: "415086808001", name: "Ada", key: "1"}, {id: "415086808002", name: "Ada", key: "1"}, {id: "415086808003", name: "Bo", key: "3"},
		},
		deals: []modelDeal{{id: "415086809001", name: "Big", key: "12345"}},
	}
	r := newRig(t, emulator.Options{Org: o.seed(t)})
	run := func(text string, errors int64, external csvio.External) (failed string) {
		t.Helper()
		q := r.request(Assign, text)
		q.RunDir = filepath.Join(t.TempDir(), "run")
		q.Options.External = external
		if res := r.run(q); res.Summary.Rows.Error != errors {
			t.Fatalf("%+v", res.Summary.Errors)
		}
		b, err := os.ReadFile(filepath.Join(q.RunDir, rundir.Failed))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	fill := func(text, old, with string) string {
		t.Helper()
		if !strings.Contains(text, old) {
			t.Fatalf("%s lacks %s", text, old)
		}
		return strings.Replace(text, old, with, 1)
	}
	failed := run("deal_name,contact_name,role\nBig,Ada,Purchasing\n", 1, nil)
	run(fill(failed, "Big,Ada,Purchasing,,,1", "Big,Ada,Purchasing,,415086808002,1"), 0, nil)
	keys := csvio.External{csvio.DealID: "Old_Key", csvio.ContactID: "Old_Key"}
	failed = run("deal_id,contact_id,role\n12345,1,Purchasing\n12345,3,Purchasing\n", 1, keys)
	failed = run(failed, 1, nil) // it stays a file of keys
	run(fill(failed, "12345,1,Purchasing", "12345,zcrm_415086808001,Purchasing"), 0, nil)
	want := map[string]map[string]string{"415086809001": {
		"415086808001": "Purchasing", "415086808002": "Purchasing", "415086808003": "Purchasing",
	}}
	if d := cmp.Diff(want, r.State()); d != "" {
		t.Error(d)
	}
}

// An e-mail decides over a name beside it. A warning counts the rows whose name is a different one.
func TestAnEmailWinsOverAName(t *testing.T) {
	t.Parallel()
	o := namedOrg{
		people: []modelPerson{
			{id: "415086808001", name: "Ada Okafor", email: "ada@x.io"}, {id: "415086808002", name: "Bo Costa", email: "bo@x.io"},
		},
		deals: []modelDeal{{id: "415086809001", name: "Big"}, {id: "415086809002", name: "Small"}},
	}
	r := newRig(t, emulator.Options{Org: o.seed(t)})
	res := r.run(r.request(Assign, `deal_name,contact_email,contact_name,role
Big,ada@x.io,"OKAFOR, A.",Purchasing
Big,bo@x.io,Ada Okafor,Purchasing
Small,bo@x.io,,Purchasing
Small,ada@x.io,Bo,Purchasing
`))
	want := []string{"415086808001", "415086808002", "415086808002", "415086808001"}
	if d := cmp.Diff(want, r.Results().Column("rc_contact_id")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	says := "in 2 rows the e-mail belongs to one contact and the name to another: the e-mail decides; " +
		`the first is line 3: "Ada Okafor" has the e-mail of "Bo Costa" (415086808002)`
	if text := fmt.Sprint(res.Summary.Notes); !strings.Contains(text, says) {
		t.Errorf("notes: %s", text)
	}
}

package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/picklist"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// quoted is a text as JSON.
func quoted(s string) json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return b
}

// fill keeps people on deals as an export would have read them: deal, contact, role id.
func fill(t interface{ Fatal(...any) }, s store, deals map[string]map[string]string, gone map[string]bool) {
	var all []read
	for deal, people := range deals {
		if err := s.list(modDeals, []string{deal}, []string{pack(usual(modDeals), map[string]json.RawMessage{"Deal_Name": quoted("deal " + deal)})}); err != nil {
			t.Fatal(err)
		}
		r := read{id: deal, gone: gone[deal]}
		for contact, role := range people {
			if !r.gone {
				r.on = append(r.on, stakeholder{deal: deal, contact: contact, roleID: role, role: "role " + role, fields: pack(usual(modContacts), map[string]json.RawMessage{"Full_Name": quoted("N " + contact)})})
			}
		}
		all = append(all, r)
	}
	if err := s.InTransaction(func() error { return s.keep(all) }); err != nil {
		t.Fatal(err)
	}
}

// TestTablesProperty holds both shapes to a model: order, who stands where, what is left out, and the counts.
func TestTablesProperty(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	rapid.Check(t, func(t *rapid.T) {
		if err := s.InTransaction(func() error {
			return errors.Join(s.Exec("DELETE FROM deals"), s.Exec("DELETE FROM stakeholders"), s.Exec("DELETE FROM done"))
		}); err != nil {
			t.Fatal(err)
		}
		id := rapid.SampledFrom([]string{"1", "2", "9", "10", "11", "99999999999999999999", "9007199254740993", "9007199254740992"})
		deals := rapid.MapOfN(id, rapid.MapOfN(id, rapid.SampledFrom([]string{"7", "8", "9"}), 0, 4), 0, 5).Draw(t, "deals")
		gone := rapid.MapOf(id, rapid.Bool()).Draw(t, "gone")
		fill(t, s, deals, gone)
		set := Settings{Output: Stdout, Format: csvio.FormatCSV, IDs: Bare, Shape: rapid.SampledFrom([]Shape{Long, Wide}).Draw(t, "shape"), SkipEmpty: rapid.Bool().Draw(t, "skip")}
		r := &run{s: s, set: set, Env: Env{Env: job.Env{Progress: &job.Progress{}}}, roles: picklist.List{{ID: "8", Name: "role 8"}, {ID: "6", Name: "role 6"}}}
		var err error
		if r.counts, err = s.counts(false); err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		rows, err := r.table(&got)
		if err != nil {
			t.Fatal(err)
		}
		want := modelTable(deals, gone, set)
		if diff := cmp.Diff(want, strings.Split(strings.TrimSuffix(got.String(), "\n"), "\n")); diff != "" || rows != int64(len(want)-1) {
			t.Fatalf("%d rows (-want +got)\n%s", rows, diff)
		}
	})
}

// byNumber sorts ids as numbers.
func byNumber(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

func modelTable(deals map[string]map[string]string, gone map[string]bool, set Settings) []string {
	columns := []string{"role 8", "role 6"}
	var ids []string
	others := map[string]bool{}
	for deal, people := range deals {
		if gone[deal] {
			continue
		}
		ids = append(ids, deal)
		for _, role := range people {
			others["role "+role] = true
		}
	}
	for _, other := range []string{"role 7", "role 9"} {
		if others[other] {
			columns = append(columns, other)
		}
	}
	slices.SortFunc(ids, byNumber)
	rows := []string{"deal_id,deal_name,stage,account,owner,closing_date,contact_id,contact_name,contact_email,role,role_id"}
	if set.Shape == Wide {
		rows = []string{"deal_id,deal_name,stage,account,owner,closing_date," + strings.Join(columns, ",")}
	}
	for _, deal := range ids {
		var people []string
		for contact := range deals[deal] {
			people = append(people, contact)
		}
		slices.SortFunc(people, byNumber)
		begin := deal + ",deal " + deal + ",,,,"
		switch {
		case len(people) == 0 && set.SkipEmpty:
		case set.Shape == Wide:
			row := begin
			for _, column := range columns {
				var in []string
				for _, contact := range people {
					if "role "+deals[deal][contact] == column {
						in = append(in, "N "+contact)
					}
				}
				row += "," + strings.Join(in, "; ")
			}
			rows = append(rows, row)
		case len(people) == 0:
			rows = append(rows, begin+",,,,,")
		default:
			for _, contact := range people {
				rows = append(rows, fmt.Sprintf("%s,%s,N %s,,role %s,%s", begin, contact, contact, deals[deal][contact], deals[deal][contact]))
			}
		}
	}
	return rows
}

func TestColumnOf(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]stakeholder{"Boss": {role: "Boss", roleID: "1"}, "1": {roleID: "1"}, "(no role)": {}} {
		if got := columnOf(s); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for want, p := range map[string][3]string{"7": {"", "", "7"}, "a@b": {"", "a@b", "7"}, "A": {"A", "", "7"}, "A <a@b>": {"A", "a@b", "7"}} {
		if got := person(p[0], p[1], p[2]); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Names with NUL, line breaks and quotes, and one of a megabyte: the file can be read again, and has a row each. Excel has no room for the latter.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	names := []string{"a\u0000b", "two\r\nlines", `"quoted", with commas`, "\u202eback", strings.Repeat("x", 1_000_000), "'=1", "\t=1"}
	var deals []string
	for i, name := range names {
		deals = append(deals, fmt.Sprintf(`{"id":"%d","Deal_Name":%s}`, i+1, quoted(name)))
	}
	r := newRig(t, emulator.Options{Org: readOrg(t, `{"deals":[`+strings.Join(deals, ",")+`]}`)})
	r.stops(r.request("out.xlsx"), job.Broken, "a cell of Excel at most 32767")
	for _, file := range []string{"out.csv", "out.jsonl"} {
		text, res := r.export(r.request(file))
		if res.Summary.Rows != int64(len(names)) {
			t.Errorf("%s: %d rows", file, res.Summary.Rows)
		}
		in, err := csvio.NewReader(strings.NewReader(text), csvio.Options{Name: file, Vocabulary: csvio.Stakeholders()})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for {
			rec, err := in.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || rec.Malformed != nil {
				t.Fatalf("%s: %v %v", file, err, rec.Malformed)
			}
			n++
		}
		if n != len(names) {
			t.Errorf("%s: %d rows are read back", file, n)
		}
	}
}

// The versions tell a role in their own ways, and a lookup as well: the file is the same.
func TestVersions(t *testing.T) {
	t.Parallel()
	o := emulator.Options{Deals: 60, Contacts: 20, RolesPerDeal: 4}
	files := map[string]string{}
	for _, version := range []string{"v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8"} {
		r := newRig(t, o)
		r.version = version
		for _, way := range []string{"", "contacts"} {
			q := r.request("out.csv")
			q.Settings.ViaContacts = way != ""
			q.Settings.Fields = []string{"Deals.Amount", "Contacts.Phone"}
			files[version+" "+way], _ = r.export(q)
		}
		pages := o
		pages.Coql = "off"
		r = newRig(t, pages)
		r.version = version
		q := r.request("out.csv")
		q.Settings.Fields = []string{"Deals.Amount", "Contacts.Phone"}
		files[version+" pages"], _ = r.export(q)
	}
	for name, text := range files {
		if diff := cmp.Diff(files["v8 "], text); diff != "" {
			t.Errorf("%s (-v8 +%s)\n%.1500s", name, name, diff)
		}
	}
}

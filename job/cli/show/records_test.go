package show

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
	"rolecall/api/pace"
	"rolecall/job"
	"rolecall/job/schema"
)

// zohoOf returns a client of an emulator, and the pacer that counts its credits.
func zohoOf(t *testing.T, o emulator.Options) (*api.Client, *pace.Pacer) {
	t.Helper()
	server := httptest.NewServer(rig.Open(t, o))
	t.Cleanup(server.Close)
	source, err := auth.NewSource(auth.Credentials{
		AccountsURL: server.URL, ClientID: "i", ClientSecret: "s", RefreshToken: emulator.RefreshToken,
	}, auth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := pace.New(pace.Config{})
	c, err := api.New(api.Config{BaseURL: server.URL, Tokens: source, Pacer: p})
	if err != nil {
		t.Fatal(err)
	}
	return c, p
}

const recordsOrg = `{
	"accounts": [{"id": "71", "Account_Name": "Zylker"}],
	"contacts": [
		{"id": "501", "Last_Name": "Burns, B", "First_Name": "Kate", "Full_Name": "Kate Burns, B", "Email": "a-b@x.com",
		 "Phone": "+1 555 123", "Account_Name": {"name": "Zylker", "id": "71"}},
		{"id": "502", "Last_Name": "Burns", "Full_Name": "Burns", "Email": "A_B@x.com", "Phone": "0555-999"},
		{"id": "503", "Last_Name": "Ng\\x", "First_Name": "Kate", "Full_Name": "Kate Ng\\x"}]
}`

func find(t *testing.T, z *api.Client, name string) Module {
	t.Helper()
	m, err := FindModule(t.Context(), z, name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func idsOf(r Records) (ids []string) {
	for _, one := range r.list {
		ids = append(ids, one.ID)
	}
	return ids
}

// A module is found by its API name for one credit, and by other names for two more. The error for an unknown name has
// the nearest name.
func TestFindModule(t *testing.T) {
	t.Parallel()
	z, p := zohoOf(t, emulator.Options{Org: rig.ReadOrg(t, recordsOrg)})
	for name, credits := range map[string]int{"Contacts": 1, "contacts": 3, "Contact": 3} {
		before := p.Stats().Credits
		m := find(t, z, name)
		if got := p.Stats().Credits - before; m.Name != "Contacts" || got != credits {
			t.Errorf("%s: %s, %d credits", name, m.Name, got)
		}
	}
	for name, want := range map[string]string{"Contracts": "did you mean Contacts?", "Home": "INVALID_MODULE"} {
		_, err := FindModule(t.Context(), z, name, nil)
		if _, usage := errors.AsType[*job.UsageError](err); !usage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	m := find(t, z, "Contacts")
	chosen, err := m.Choose([]string{"id", "last name", "Email", "LAST_NAME"})
	if diff := cmp.Diff([]string{"Last_Name", "Email"}, apiNames(chosen)); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if _, err := m.Choose([]string{"Emial"}); err == nil || !strings.Contains(err.Error(), "did you mean Email?") {
		t.Error(err)
	}
}

// One call, for one credit, reads all records. They come in the order of the ids. A record that the call does not
// return is read once more, and is then listed as missing. Fields that were not chosen are left out.
func TestGet(t *testing.T) {
	t.Parallel()
	z, p := zohoOf(t, emulator.Options{Org: rig.ReadOrg(t, recordsOrg)})
	m := find(t, z, "Contacts")
	chosen, err := m.Choose([]string{"Email", "Account_Name"})
	if err != nil {
		t.Fatal(err)
	}
	before := p.Stats().Credits
	r, err := m.Get(t.Context(), z, []string{"502", "777", "501"}, chosen, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Stats().Credits - before; got != 2 {
		t.Errorf("%d credits", got)
	}
	if diff := cmp.Diff([]string{"502", "501"}, idsOf(r)); diff != "" || len(r.Missing) != 1 ||
		r.Missing[0].ID != "777" || r.Missing[0].Code != job.CodeRecordNotFound || r.Missing[0].Advice == "" {
		t.Errorf("%+v (-want +got)\n%s", r.Missing, diff)
	}
	var csv, table bytes.Buffer
	if err := errors.Join(r.WriteCSV(&csv), r.WriteTable(&table)); err != nil {
		t.Fatal(err)
	}
	const wantCSV = "id,Email,Account_Name,Account_Name.name,rc_base\n502,A_B@x.com,,,\n501,a-b@x.com,71,Zylker,\n"
	if got := withoutBase(csv.String()); got != wantCSV {
		t.Errorf("got %s", got)
	}
	const wantTable = "ID   EMAIL      ACCOUNT_NAME\n502  A_B@x.com  \n501  a-b@x.com  Zylker\n"
	if table.String() != wantTable {
		t.Errorf("got %q", table.String())
	}
	if got := len(r.Records[0]); got != 3 {
		t.Errorf("%d keys in the object: %v", got, r.Records[0])
	}
	whole, err := m.Get(t.Context(), z, []string{"501"}, nil, 1)
	table.Reset()
	if err = errors.Join(err, whole.WriteTable(&table)); err != nil || !strings.Contains(table.String(), "Kate Burns, B\n") ||
		strings.Contains(table.String(), "Fax") {
		t.Errorf("%v\n%s", err, table.String())
	}
}

// alone is an org whose records have a subform, which no list has. Each call waits until enough calls are in flight.
type alone struct {
	recordZoho
	enough   int
	inFlight atomic.Int64
	together chan struct{}
}

func (a *alone) Record(_ context.Context, _, id string, fields ...string) (api.Record, bool, error) {
	if a.inFlight.Add(1) == int64(a.enough) {
		close(a.together)
	}
	<-a.together
	return api.Record{ID: id}, len(fields) == 0, nil
}

// Records that must be read alone are read in parallel, and come in the order of the ids.
func TestGetInParallel(t *testing.T) {
	t.Parallel()
	m := Module{Name: "Things", Fields: []api.Field{{APIName: "Items", Type: "subform"}}}
	z := &alone{enough: 3, together: make(chan struct{})}
	ids := []string{"3", "1", "2", "5", "4"}
	r, err := m.Get(t.Context(), z, ids, nil, 3)
	if diff := cmp.Diff(ids, idsOf(r)); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// withoutBase empties the column rc_base, whose values may change between versions.
func withoutBase(csv string) string {
	lines := strings.Split(csv, "\n")
	for i, line := range lines[1:] {
		if at := strings.LastIndexByte(line, ','); at >= 0 {
			lines[i+1] = line[:at+1]
		}
	}
	return strings.Join(lines, "\n")
}

// A record that the user may not see keeps Zoho's own code and message.
func TestGetRefused(t *testing.T) {
	t.Parallel()
	m := Module{Name: "Contacts", Fields: []api.Field{{APIName: "Email", Visible: true}}}
	z, _ := zohoOf(t, emulator.Options{Org: rig.ReadOrg(t, recordsOrg), Denied: []string{"contacts.view"}})
	r, err := m.Get(t.Context(), z, []string{"501"}, nil, 1)
	if err != nil || len(r.Missing) != 1 || r.Missing[0].Code != "NO_PERMISSION" || r.Missing[0].Message == "" {
		t.Errorf("%+v, %v", r, err)
	}
}

// searchOf returns a search for criteria, an e-mail, a phone number or a word.
func searchOf(t interface{ Fatal(args ...any) }, m Module, text [4]string) schema.Search {
	s, err := schema.Parse(m.Name, m.Fields, text[0], text[1], text[2], text[3])
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Records that Zoho's loose search returns although they do not match are left out and counted.
func TestSearch(t *testing.T) {
	t.Parallel()
	z, _ := zohoOf(t, emulator.Options{Org: rig.ReadOrg(t, recordsOrg)})
	m := find(t, z, "Contacts")
	for _, c := range []struct {
		query   [4]string // criteria, e-mail, phone, word
		want    []string
		leftOut int
	}{
		{[4]string{`Last_Name:equals:burns`, "", "", ""}, []string{"502"}, 1},
		{[4]string{`last name:equals:Burns, B`, "", "", ""}, []string{"501"}, 0},
		{[4]string{`Account_Name:equals:Zylker`, "", "", ""}, []string{"501"}, 0},
		{[4]string{`Account Name.id:equals:71`, "", "", ""}, []string{"501"}, 0},
		{[4]string{``, "a-b@x.com", "", ""}, []string{"501"}, 1},
		{[4]string{``, "a_b@x.com", "", ""}, []string{"502"}, 1},
		{[4]string{``, "", "555 123", ""}, []string{"501"}, 0},
		{[4]string{``, "", "", "kate"}, []string{"503", "501"}, 0},
		{[4]string{``, "", "", "nobody"}, nil, 0},
	} {
		for _, names := range [][]string{nil, {"First_Name"}} {
			chosen, err := m.Choose(names)
			if err != nil {
				t.Fatal(err)
			}
			found, err := m.Search(t.Context(), z, searchOf(t, m, c.query), chosen)
			if diff := cmp.Diff(c.want, idsOf(found.Records)); err != nil || diff != "" || found.LeftOut != c.leftOut ||
				found.More {
				t.Errorf("%+v: %v, %d left out, %v (-want +got)\n%s", c.query, err, found.LeftOut, found.More, diff)
			}
			for _, one := range found.Records.Records {
				if len(one["First_Name"]) == 0 && one["id"] == nil || len(names) > 0 && len(one["Last_Name"]) > 0 {
					t.Errorf("%+v: %v", c.query, one)
				}
			}
		}
	}
	_, err := schema.Parse(m.Name, m.Fields, "Last_Nam:equals:x", "", "", "")
	if err == nil || !strings.Contains(err.Error(), "did you mean Last_Name?") {
		t.Error(err)
	}
}

// A search returns at most 2,000 records, and More says that there are others (Zoho CRM API v8, Search Records).
func TestSearchIsCut(t *testing.T) {
	t.Parallel()
	for contacts, more := range map[int]bool{2000: false, 2001: true} {
		z, p := zohoOf(t, emulator.Options{Deals: 1, Contacts: contacts})
		m := find(t, z, "Contacts")
		before := p.Stats().Credits
		found, err := m.Search(t.Context(), z, searchOf(t, m, [4]string{"Email:not_equal:xx"}), nil)
		if got := p.Stats().Credits - before; err != nil || len(found.list) != 2000 || found.More != more || got != 10 {
			t.Errorf("%d: %v, %d found, %v, %d credits", contacts, err, len(found.list), found.More, got)
		}
	}
}

// A search finds exactly the record with the text, whatever characters the text has, also among similar records.
func TestSearchedIsFound(t *testing.T) {
	t.Parallel()
	const signs = `aAbB1 :;\(),-_@"'%&+/*`
	random := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- names for a test
	org := &emulator.Org{}
	names := map[string]string{}
	for i := range 120 {
		var b strings.Builder
		for range 2 + random.IntN(4) {
			b.WriteByte(signs[random.IntN(len(signs))])
		}
		id := fmt.Sprint(4150868000000000001 + i)
		if name := strings.TrimSpace(b.String()); len(name) > 1 {
			names[id] = name
			org.Contacts = append(org.Contacts, emulator.Record{"id": job.Encode(id), "Last_Name": job.Encode(name)})
		}
	}
	z, _ := zohoOf(t, emulator.Options{Org: org})
	m := find(t, z, "Contacts")
	all := make([]string, 0, len(names))
	for _, name := range names {
		all = append(all, name)
	}
	slices.Sort(all)
	rapid.Check(t, func(t *rapid.T) {
		asked := rapid.SampledFrom(all).Draw(t, "asked")
		typed := searchOf(t, m, [4]string{"Last_Name:equals:" + asked})
		found, err := m.Search(t.Context(), z, typed, nil)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for id, name := range names {
			if strings.EqualFold(name, asked) {
				want = append(want, id)
			}
		}
		got := idsOf(found.Records)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s (-want +got)\n%s", typed.Criteria, diff)
		}
	})
}

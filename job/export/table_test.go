package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api/emulator"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/picklist"
	"rolecall/job/report"
	"rolecall/job/rundb"
	"rolecall/job/rundir"
)

// quoted is a text as JSON.
func quoted(s string) json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return b
}

// exported makes the run.db of an export that has read people on deals: deal, contact, role id.
func exported(t interface{ Fatal(...any) }, path string, people map[string]map[string]string, gone map[string]bool) {
	db, err := rundb.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows := []job.Row{{N: 1, Phase: phaseContacts, Key: key("5"), Done: &job.Outcome{Status: job.Success}}}
	for deal, on := range people {
		done := &job.Outcome{Status: job.Success, Action: actionRead}
		for contact, id := range on {
			r := role{id, "role " + id}
			done.Got = append(done.Got, entry(deal, contact, r, record{"Full_Name": quoted("N " + contact)}))
		}
		if gone[deal] {
			done.Action = actionGone
		}
		ask := job.Encode(record{"Deal_Name": quoted("deal " + deal)})
		rows = append(rows, job.Row{N: int64(len(rows) + 1), Phase: phaseDeals, Key: key(deal), Ask: ask, Done: done})
	}
	// Somebody on a deal that is not exported.
	rows[0].Done.Got = []job.Entry{
		entry("3", "1", role{"7", "role 7"}, nil),
		entry("99999999999999999998", "1", role{}, nil),
	}
	facts := map[string]any{"kind": Name, "settings": job.Settings{Options: job.Encode(Options{})}}
	if err := errors.Join(db.Put("run", facts), db.Order(), db.Add(rows)); err != nil {
		t.Fatal(err)
	}
}

// results opens a run.db until the test, or what the test draws, ends.
func results(t interface {
	Fatal(...any)
	Cleanup(func())
}, path string,
) job.Results {
	rows, closeIt, err := job.OpenResults(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeIt)
	return rows
}

// TestTablesProperty compares both shapes with a model: the order, who stands where, what is left out, and the counts.
func TestTablesProperty(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom([]string{
			"1", "2", "9", "10", "11", "99999999999999999999", "9007199254740993", "9007199254740992",
		})
		people := rapid.MapOfN(id, rapid.MapOfN(id, rapid.SampledFrom([]string{"7", "8", "9"}), 0, 4), 0, 5).
			Draw(t, "deals")
		gone := rapid.MapOf(id, rapid.Bool()).Draw(t, "gone")
		dir, err := os.MkdirTemp(root, "") //nolint:usetesting // t.TempDir is one folder for all draws
		if err != nil {
			t.Fatal(err)
		}
		exported(t, filepath.Join(dir, "run.db"), people, gone)
		var got bytes.Buffer
		o := &dealOutput{output: &output{
			Output: &job.Output{
				Rows: results(
					t,
					filepath.Join(dir, "run.db"),
				), Stdout: &got, Folder: &rundir.Dir{Path: dir}, Progress: &job.Progress{},
			},
			set: Options{
				Output: Stdout, Format: csvio.FormatCSV, IDs: Bare,
				Shape:     rapid.SampledFrom([]Shape{Long, Wide}).Draw(t, "shape"),
				SkipEmpty: rapid.Bool().Draw(t, "skip"),
			},
			sum: &report.Export{},
		}, absent: newAbsent(nil), roles: picklist.List{{ID: "8", Name: "role 8"}, {ID: "6", Name: "role 6"}}}
		allGone := len(people) > 0
		for deal := range people {
			allGone = allGone && gone[deal]
		}
		if err := o.file(); (err != nil) != allGone {
			t.Fatal(err)
		}
		if allGone { // a file without any deal is refused
			return
		}
		want := modelTable(people, gone, o.set)
		table := strings.Split(strings.TrimSuffix(got.String(), "\n"), "\n")
		if o.set.Shape == Long {
			table = withoutBase(t, table)
		}
		if diff := cmp.Diff(want, table); diff != "" ||
			o.sum.Rows != int64(len(want)-1) {
			t.Fatalf("%d rows (-want +got)\n%s", o.sum.Rows, diff)
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

// withoutBase takes the column rc_base off a table in the shape long. The rows of a deal have one hash.
func withoutBase(t *rapid.T, table []string) (rows []string) {
	hashes := map[string]string{}
	for i, line := range table {
		at := strings.LastIndexByte(line, ',')
		row, base := line[:at], line[at+1:]
		rows = append(rows, row)
		deal, _, _ := strings.Cut(line, ",")
		switch {
		case i == 0 && base != csvio.BaseColumn:
			t.Fatalf("the header is %s", line)
		case i == 0:
		case len(base) != 1+2*markBytes || hashes[deal] != "" && hashes[deal] != base:
			t.Fatalf("the row %s, and the deal has the hash %q", line, hashes[deal])
		}
		hashes[deal] = base
	}
	return rows
}

func modelTable(deals map[string]map[string]string, gone map[string]bool, set Options) []string {
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
	rows := []string{
		"deal_id,deal_name,stage,account,owner,closing_date,contact_id,contact_name,contact_email,role,role_id",
	}
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
				rows = append(
					rows,
					fmt.Sprintf(
						"%s,%s,N %s,,role %s,%s",
						begin,
						contact,
						contact,
						deals[deal][contact],
						deals[deal][contact],
					),
				)
			}
		}
	}
	return rows
}

func TestColumnOf(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]role{"Boss": {Name: "Boss", ID: "1"}, "1": {ID: "1"}, "(no role)": {}} {
		if got := r.column(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for want, names := range map[string][2]string{
		"7": {}, "a@b": {"", "a@b"}, "A": {"A", ""}, "A <a@b>": {"A", "a@b"},
	} {
		p := person{Fields: record{fieldFullName: quoted(names[0]), fieldEmail: quoted(names[1])}}
		if got := p.text("7"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// A file with NUL, line breaks, quotes and a megabyte in its names can be read back, a row for each. A cell of Excel
// has no room for the megabyte.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	names := []string{
		"a\u0000b",
		"two\r\nlines",
		`"quoted", with commas`,
		"\u202eback",
		strings.Repeat("x", 1_000_000),
		"'=1",
		"\t=1",
	}
	var deals []string
	for i, name := range names {
		deals = append(deals, fmt.Sprintf(`{"id":"%d","Deal_Name":%s}`, i+1, quoted(name)))
	}
	r := newRig(t, emulator.Options{Org: readOrg(t, `{"deals":[`+strings.Join(deals, ",")+`]}`)})
	r.stops(r.request("out.xlsx"), job.Broken, "a cell of Excel at most 32767")
	for _, file := range []string{"out.csv", "out.jsonl"} {
		text, res := r.export(r.request(file))
		if res.Summary.Export.Rows != int64(len(names)) {
			t.Errorf("%s: %d rows", file, res.Summary.Export.Rows)
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

// Each API version returns roles and lookups in its own way: the file is the same.
func TestVersions(t *testing.T) {
	t.Parallel()
	o := emulator.Options{Deals: 60, Contacts: 20, RolesPerDeal: 4}
	files := map[string]string{}
	for _, version := range []string{"v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8"} {
		r := newRig(t, o)
		r.Version = version
		for _, way := range []string{"", "contacts"} {
			q := r.request("out.csv")
			q.Options.ViaContacts = way != ""
			q.Options.Fields = []string{"Deals.Amount", "Contacts.Phone"}
			files[version+" "+way], _ = r.export(q)
		}
		pages := o
		pages.Coql = "off"
		r = newRig(t, pages)
		r.Version = version
		q := r.request("out.csv")
		q.Options.Fields = []string{"Deals.Amount", "Contacts.Phone"}
		files[version+" pages"], _ = r.export(q)
	}
	for name, text := range files {
		if diff := cmp.Diff(files["v8 "], text); diff != "" {
			t.Errorf("%s (-v8 +%s)\n%.1500s", name, name, diff)
		}
	}
}

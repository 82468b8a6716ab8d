package record

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// Every kind of value goes to Zoho as its pages show it, whatever the header calls the fields.
func TestInsertWritesTypedValues(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got, res := r.do(Insert, "name,CODE,Big,Count,price,Share,Rate,Done,Day,At,kind,Tags,Company.name,Owner,Note\n"+
		"One,c1,0012345600012,-7,1250.50,12.5,0.1,TRUE,2026-11-30,2026-11-30 14:05,dark RED,c d;a,\"O'Hara (West), Inc\",ito@x.example,\"a,\nb\"\n"+
		"Two,c2,,,,,,,,2026-11-30T14:05:00+05:30,-None-,,,zcrm_4150868000000000501,\n", Options{})
	if d := cmp.Diff([]string{"inserted success SUCCESS", "inserted success SUCCESS"},
		got.Column("rc_action", "rc_status", "rc_code")); d != "" {
		t.Fatal(d)
	}
	calls := r.writes()
	if len(calls) != 1 || !strings.HasPrefix(calls[0], "POST /Things ") {
		t.Fatalf("%q", calls)
	}
	for _, want := range []string{
		`"Big":"0012345600012"`, `"Count":-7`, `"Price":1250.50`, `"Share":12.5`, `"Rate":0.1`, `"Done":true`,
		`"Day":"2026-11-30"`, `"At":"2026-11-30T14:05:00+00:00"`, `"Kind":"Dark red"`, `"Tags":["c d","a"]`,
		`"Company":{"id":"4150868000030000002"}`, `"Owner":{"id":"4150868000000000501"}`, `"Note":"a,\nb"`,
		`{"At":"2026-11-30T14:05:00+05:30","Code":"c2","Name":"Two","Owner":{"id":"4150868000000000501"}}`,
	} {
		if !strings.Contains(calls[0], want) {
			t.Errorf("not %s in %s", want, calls[0])
		}
	}
	if res.Summary.Rows.Inserted != 2 {
		t.Errorf("%+v", res.Summary.Rows)
	}
}

// A refusal is the error of one row, with Zoho's code. The other rows of the call are inserted.
func TestInsertShowsZohosRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got, res := r.do(Insert, "Name,Code,Count\nOne,a,\n,b,\nTwo,A,\nThree,c,\nFour,a,1234567890\n", Options{})
	if d := cmp.Diff([]string{
		"inserted SUCCESS", " MANDATORY_NOT_FOUND", " DUPLICATE_DATA", "inserted SUCCESS", " MULTIPLE_OR_MULTI_ERRORS",
	}, got.Column("rc_action", "rc_code")); d != "" {
		t.Error(d)
	}
	if id := got.Rows[0]["rc_record_id"]; !strings.Contains(got.Rows[2]["rc_details"], id) {
		t.Errorf("%s does not name %s", got.Rows[2]["rc_details"], id)
	}
	for _, group := range res.Summary.Errors {
		if (group.Code == "DUPLICATE_DATA" || group.Code == "MULTIPLE_OR_MULTI_ERRORS") && !strings.Contains(group.Advice, "record "+got.Rows[0]["rc_record_id"]) {
			t.Errorf("advice %q", group.Advice)
		}
	}
}

// Two equal rows are inserted as two records, because they may be different people.
func TestInsertTakesEqualRowsForTwoRecords(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got, _ := r.do(Insert, "Name\nAnn Lee\nAnn Lee\n", Options{})
	if got.Rows[0]["rc_record_id"] == got.Rows[1]["rc_record_id"] || got.Rows[1]["rc_action"] != "inserted" {
		t.Error(got.Column("rc_action", "rc_record_id"))
	}
}

// The header is checked before any write. One error has all problems, with the nearest names.
func TestHeaderIsCheckedBeforeAnyWrite(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, test := range []struct {
		name, header string
		o            Options
		want         []string
	}{
		{Insert, "Namme,Seen,Cod", Options{}, []string{
			`Things has no field "Namme", or does not show it to this user: did you mean Name?`,
			"Seen is read-only in Things", `no field "Cod", or does not show it to this user: did you mean Code?`, "Name is mandatory in Things and has no column",
			"input.csv: ", "nothing was sent",
		}},
		{Insert, "Name,name", Options{}, []string{"two columns stand for Name"}},
		{Insert, "Name,Created_Time", Options{}, []string{"Created_Time is read-only"}},
		{Insert, "Name", Options{Module: "Thinggs"}, []string{`no module "Thinggs": did you mean Things?`}},
		{Insert, "Name,Company.Employees", Options{}, []string{"Company.Employees: a lookup takes an id, or the name of a record in a column Company.name"}},
		{Update, "Name", Options{}, []string{"the header lacks a column id"}},
		{Upsert, "Note", Options{}, []string{"no column finds a record: add Name"}},
		{Upsert, "Name,Code", Options{DuplicateCheck: []string{"Mail"}}, []string{"--duplicate-check Mail: the table has no such column"}},
		{Upsert, "Name,Note", Options{DuplicateCheck: []string{"Note"}}, []string{
			"--duplicate-check Note: Zoho finds records of Things only by Name and by unique fields",
		}},
	} {
		row := strings.Repeat("x,", strings.Count(test.header, ",")) + "x\n"
		said := r.refused(test.name, test.header+"\n"+row, test.o)
		for _, want := range test.want {
			if !strings.Contains(said, want) {
				t.Errorf("%s %s: %q is not in %s", test.name, test.header, want, said)
			}
		}
	}
}

// --map names columns, and failed.csv of such a run needs no --map.
func TestMapNamesColumns(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.mapped = map[csvio.Field]string{"name": "Label", "Code": "SKU", "Note": "Code"}
	if said := r.refused(Insert, "Label,Code\nOne,a\n", Options{}); !strings.Contains(said, `--map Code="SKU" names a column that is not there`) {
		t.Error(said)
	}
	r.mapped["Note"] = "Text"
	got, _ := r.do(Insert, "Label,SKU,Code,Text\nOne,a,c,n\nTwo,A,c,n\n", Options{})
	if d := cmp.Diff([]string{"SUCCESS", "DUPLICATE_DATA"}, got.Column("rc_code")); d != "" || r.things("Code")["a"]["Name"] != "One" {
		t.Error(d, r.things("Code"))
	}
	failed, err := os.ReadFile(filepath.Join(r.lastRun(), "failed.csv"))
	if err != nil {
		t.Fatal(err)
	}
	r.mapped = nil
	got, _ = r.do(Insert, strings.Replace(string(failed), ",A,", ",b,", 1), Options{})
	if d := cmp.Diff([]string{"SUCCESS"}, got.Column("rc_code")); d != "" || r.things("Code")["b"]["Note"] != "n" {
		t.Errorf("%s: %s", d, failed)
	}
}

// If a table has ids and names of a lookup, as exports have, a name counts in a row without an id.
func TestNamesBesideIDs(t *testing.T) {
	t.Parallel()
	for _, header := range []string{
		"Company,Company.name,Owner", "Company.id,Company,Owner", "Company.id,Company,Owner.id,Owner",
	} {
		r := newRig(t)
		owner := strings.Repeat(",Ito", strings.Count(header, "Owner")-1)
		_, res := r.do(Insert, "Name,Code,"+header+"\nOne,a,4150868000030000001,Twin,4150868000000000501"+owner+
			"\nTwo,b,,\"O'Hara (West), Inc\",4150868000000000501"+owner+"\n", Options{})
		sent := strings.Join(r.writes(), "")
		for _, want := range []string{
			`"Code":"a","Company":{"id":"4150868000030000001"},"Name":"One","Owner":{"id":"4150868000000000501"}`,
			`"Code":"b","Company":{"id":"4150868000030000002"},"Name":"Two","Owner":{"id":"4150868000000000501"}`,
		} {
			if !strings.Contains(sent, want) {
				t.Errorf("%s: %s is not in %s", header, want, sent)
			}
		}
		if notes := strings.Join(res.Summary.Notes, "\n"); !strings.Contains(notes, " is read only in rows without an id in Company") {
			t.Errorf("%s: %s", header, notes)
		}
	}
}

// An update reads first, sends only the differing values, and records the values before. Each row of a record sees the
// values that the previous row left.
func TestUpdateWritesOnlyWhatDiffers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	made, _ := r.do(Insert, "Name,Code,Price,Tags\nOne,a,1.50,a;b\nTwo,b,2,\n", Options{})
	one, two := made.Rows[0]["rc_record_id"], made.Rows[1]["rc_record_id"]
	r.writes()
	got, res := r.do(Update, "Record Id,Name,Price,Tags\nzcrm_"+one+",One,1.5,b;a\n"+two+",Two,2.01,\n"+one+",Uno,,\n"+
		one+",Uno,,\n", Options{})
	if d := cmp.Diff([]string{"unchanged ", `updated {"Price":2}`, `updated {"Name":"One"}`, "unchanged "},
		got.Column("rc_action", "rc_prior")); d != "" {
		t.Error(d)
	}
	want := []string{
		`PUT /Things {"data":[{"Name":"Uno","id":"` + one + `"},{"Price":2.01,"id":"` + two + `"}]}`,
	}
	if d := cmp.Diff(want, r.writes()); d != "" {
		t.Error(d)
	}
	if p := res.Summary.Records; !p.Exact || p.Calls != 1 {
		t.Errorf("%+v", p)
	}
}

// An empty cell clears its field only with --empty-clears.
func TestEmptyCells(t *testing.T) {
	t.Parallel()
	for _, clears := range []bool{false, true} {
		r := newRig(t)
		made, _ := r.do(Insert, "Name,Code,Note\nOne,a,n\n", Options{})
		got, _ := r.do(Update, "id,Name,Note\n"+made.Rows[0]["rc_record_id"]+",Uno,\n", Options{EmptyClears: clears})
		has := r.things("Code")["a"]["Note"] != nil
		if got.Rows[0]["rc_action"] != "updated" || has == clears {
			t.Errorf("clears %v: %v", clears, r.things("Code"))
		}
	}
}

// Decimals that a field does not have, and spaces around a text, make no difference: Zoho keeps neither.
func TestWhatZohoDropsIsNoChange(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, want := range []string{"inserted", "unchanged"} {
		got, _ := r.do(Upsert, "Name,Code,Price\nOne ,\" a\",1.239\n", Options{DuplicateCheck: []string{"Code"}})
		if d := cmp.Diff([]string{want}, got.Column("rc_action")); d != "" {
			t.Error(d)
		}
	}
}

// An upsert finds records in bulk, writes only what differs, and inserts the others.
func TestUpsertReadsFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do(Insert, "Name,Code,Note\nOne,a'b,x\nTwo,b,y\n", Options{})
	r.writes()
	got, res := r.do(Upsert, "Name,Code,Note\nOne,a'b,x\nTwo,b,z\nThree,c,w\nThree,C,v\n", Options{DuplicateCheck: []string{"Code"}})
	if d := cmp.Diff([]string{"unchanged", "updated", "inserted", "updated"}, got.Column("rc_action")); d != "" {
		t.Error(d)
	}
	calls := r.writes()
	if p := res.Summary.Records; p.Calls != 2 || p.Credits != 4+2 { // Zoho counts at least a credit for a call
		t.Errorf("%+v", p)
	}
	all := r.things("Note")
	want := []string{ // a known record goes by its id, so that a deleted record is not inserted again in part
		`PUT /Things {"data":[{"Note":"z","id":"` + all["z"]["id"].(string) + `"}]}`,
		`POST /Things/upsert {"data":[{"Code":"c","Name":"Three","Note":"w"}],"duplicate_check_fields":["Code"]}`,
		`PUT /Things {"data":[{"Code":"C","Note":"v","id":"` + all["v"]["id"].(string) + `"}]}`,
	}
	if d := cmp.Diff(want, calls); d != "" {
		t.Error(d)
	}
}

// Zoho finds a record without case. So does the run: it knows what was before, and can be undone.
func TestUpsertFindsWithoutCase(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do(Insert, "Name,Code,Note\nOne,a'b,x\nTwo,BC,x\n", Options{})
	was := r.things("Code")
	table := "Name,Code,Note\nOne,A'b,y\nTwo,BC,y\n"
	q := r.request(Upsert, table, Options{DuplicateCheck: []string{"Code"}})
	q.DryRun = true
	if p := r.Start(q).Summary.Changes; p.Updated != 2 || p.Added != 0 {
		t.Errorf("a dry run: %+v", p)
	}
	got, res := r.do(Upsert, table, Options{DuplicateCheck: []string{"Code"}})
	if d := cmp.Diff([]string{`updated {"Code":"a'b","Note":"x"}`, `updated {"Note":"x"}`},
		got.Column("rc_action", "rc_prior")); d != "" || res.Summary.Records.Reads != 4 {
		t.Error(d, res.Summary.Records)
	}
	r.undo(r.lastRun())
	if d := cmp.Diff(was, r.things("Code")); d != "" {
		t.Error(d)
	}
}

// If Zoho answers no queries, an upsert goes on without reading, and a warning says that it cannot be undone.
func TestUpsertWithoutQueries(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, _ string, pass jobtest.Pass) {
		if !strings.HasSuffix(q.URL.Path, "/coql") {
			pass(w)
			return
		}
		w.WriteHeader(http.StatusForbidden) // as the emulator with --coql off
		_, _ = io.WriteString(w, `{"code":"NOT_SUPPORTED","details":{},"message":"not here","status":"error"}`)
	}
	for _, test := range []struct {
		reads      job.Choice
		code, note string
	}{{"", "SUCCESS", "undo cannot take it back"}, {job.On, "NOT_SUPPORTED", "--read-first off"}} {
		got, res := r.do(Upsert, "Name,Code\nOne,a\n", Options{DuplicateCheck: []string{"Code"}, ReadFirst: test.reads})
		if notes := strings.Join(res.Summary.Notes, "\n"); got.Rows[0]["rc_code"] != test.code || !strings.Contains(notes, test.note) {
			t.Errorf("%q: %v %s", test.reads, got.Column("rc_code"), notes)
		}
		if n := len(res.Summary.Notes); n != 1 {
			t.Errorf("%q: %d notes", test.reads, n)
		}
		if p := res.Summary.Records; test.reads == "" && (p.ReadFirst || p.Exact || p.Calls != 1 || p.ReadCost != 0) {
			t.Errorf("%+v", p)
		}
	}
	_, err := job.Start(t.Context(), r.request(Insert, "Name,Company.name\nOne,Acme\n", Options{}))
	if err == nil || !strings.Contains(err.Error(), "the column Company.name: NOT_SUPPORTED: ") ||
		!strings.Contains(err.Error(), "give ids in a column Company;") {
		t.Error(err)
	}
	q := r.request(Upsert, "Name,Code\nOne,a\n", Options{DuplicateCheck: []string{"Code"}})
	q.DryRun = true
	if res := r.Start(q); res.Summary.Changes.Written != 1 || res.Summary.Records.ReadFirst {
		t.Errorf("a dry run: %+v %+v", res.Summary.Changes, res.Summary.Records)
	}
}

// A deletion first reads the records and writes them to before.csv. records insert inserts them again from that file.
func TestDeleteKeepsTheRecords(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	long := strings.Repeat("long ", mostInList) // lists cut it
	made, _ := r.do(Insert, "Name,Code,Price,Tags,Company,Note,Page\n=One,a,1.50,a;b,4150868000030000001,\"x\ny\",\nTwo,b,,,,,"+
		long+"\n", Options{})
	was := r.things("Code")
	var ids []string
	for _, row := range made.Rows {
		ids = append(ids, row["rc_record_id"])
	}
	got, res := r.do(Delete, "id\n"+strings.Join(ids, "\n")+"\n"+ids[0]+"\n4150868009999999999\n", Options{})
	if d := cmp.Diff([]string{"deleted SUCCESS", "deleted SUCCESS", "unchanged SUCCESS", " RECORD_NOT_FOUND"},
		got.Column("rc_action", "rc_code")); d != "" {
		t.Error(d)
	}
	if left := r.things("Code"); len(left) != 0 {
		t.Error(left)
	}
	before, err := os.ReadFile(filepath.Join(r.lastRun(), "before.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{",Created_Time,", ",Seen,", ",Company.name,", ",rc_base"} {
		if head, _, _ := strings.Cut(string(before), "\n"); !strings.Contains(head, name) {
			t.Errorf("%s is not in %s", name, head)
		}
	}
	if all := strings.Join(res.Summary.Notes, "\n"); !strings.Contains(all, "cut a long text of Page") {
		t.Error(all)
	}
	r.do(Insert, string(before), Options{})
	now := r.things("Code")
	for _, all := range []map[string]map[string]any{was, now} {
		for _, record := range all {
			delete(record, "id")
		}
	}
	if d := cmp.Diff(was, now); d != "" {
		t.Error(d)
	}
}

// Fields that lists of records do not have are read record by record, and before.csv has them as JSON. A note says that
// they cannot be inserted again, and the price includes the reads.
func TestDeleteKeepsSubforms(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	made, _ := r.do(Insert, "Name,Code\nOne,a\nTwo,b\n", Options{})
	const rows = `[{"id":"7","Qty":2,"Text":"a \"b\""}]`
	r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, _ string, pass jobtest.Pass) {
		rec := httptest.NewRecorder()
		pass(rec)
		text := rec.Body.String()
		switch path := q.URL.Path; {
		case strings.HasSuffix(path, "/settings/fields"):
			text = strings.Replace(text, `{"fields":[`, `{"fields":[{"api_name":"Items","data_type":"subform",`+
				`"operation_type":{"api_create":false,"api_update":false}},`, 1)
		case q.Method == http.MethodGet && strings.Contains(path, "/Things/415"):
			text = strings.Replace(text, `{"data":[{`, `{"data":[{"Items":`+rows+`,`, 1)
		}
		maps.Copy(w.Header(), rec.Header())
		w.Header().Del("Content-Length")
		w.WriteHeader(rec.Code)
		_, _ = io.WriteString(w, text)
	}
	spent := r.Emu.Stats().Credits
	_, res := r.do(Delete, "id\n"+strings.Join(made.Column("rc_record_id"), "\n")+"\n", Options{})
	before := res.Summary.Files.Before
	if d := cmp.Diff([]string{rows, rows}, r.Table(before).Column("Items")); d != "" {
		t.Error(d)
	}
	if notes := strings.Join(res.Summary.Notes, "\n"); !strings.Contains(notes, "records insert cannot insert them again: Items") {
		t.Error(notes)
	}
	// the org, the modules and the fields are not in the price
	if p := res.Summary.Records; p.Reads != 3 || p.Credits != int64(r.Emu.Stats().Credits-spent)-3 {
		t.Errorf("%+v, spent %d", p, r.Emu.Stats().Credits-spent)
	}
	text, err := os.ReadFile(before)
	if err != nil {
		t.Fatal(err)
	}
	got, res := r.do(Insert, string(text), Options{})
	if notes := strings.Join(res.Summary.Notes, "\n"); got.Rows[1]["rc_action"] != "inserted" ||
		!strings.Contains(notes, "Items is not written") {
		t.Error(notes, got.Column("rc_code", "rc_message"))
	}
}

// A deletion asks the user. If nobody can be asked, nothing is deleted.
func TestDeleteAsks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	made, _ := r.do(Insert, "Name,Code\nOne,a\n", Options{})
	q := r.request(Delete, "id\n"+made.Rows[0]["rc_record_id"]+"\n", Options{})
	q.Yes = false
	q.Settings.MaxDelete = job.Threshold{Set: true}
	res := r.Start(q)
	if res.Stop == nil || !strings.Contains(res.Stop.Error(), "--max-delete 1") || len(r.things("Code")) != 1 {
		t.Errorf("%v", res.Stop)
	}
	q = r.request(Delete, "id\n"+made.Rows[0]["rc_record_id"]+"\n", Options{})
	q.DryRun = true
	want := "- " + made.Rows[0]["rc_record_id"] + ` Name "One"`
	if got := r.Start(q).Summary.Changes.List[0].String(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A record that cannot be read is not deleted: nobody was asked about it, and before.csv does not have it.
func TestDeleteSendsOnlyWhatItRead(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, dry := range []bool{true, false} {
		q := r.request(Delete, "id\n4150868009999999999\n", Options{})
		q.Yes, q.DryRun = false, dry
		res := r.Start(q)
		if all := res.Summary.Errors; res.Stop != nil || len(all) != 1 || all[0].Code != job.CodeRecordNotFound {
			t.Errorf("dry %v: %v %+v", dry, res.Stop, all)
		}
	}
	if calls := r.writes(); len(calls) > 0 {
		t.Errorf("%q", calls)
	}
}

// A dry run shows the changes and writes nothing.
func TestDryRunShowsChanges(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do(Insert, "Name,Code\nOne,a\nTwo,b\n", Options{})
	r.writes()
	q := r.request(Upsert, "Name,Code\nUno,a\nTwo,b\nThree,c\nUna,a\n", Options{DuplicateCheck: []string{"Code"}})
	q.DryRun = true
	res := r.Start(q)
	var lines []string
	for _, c := range res.Summary.Changes.List {
		lines = append(lines, c.String())
	}
	id := res.Summary.Changes.List[0].RecordID
	if d := cmp.Diff([]string{`~ ` + id + ` Name "One" -> "Uno"`, `+ a new record Code "c" Name "Three"`,
		`~ ` + id + ` Name "One" -> "Una"`}, lines); d != "" {
		t.Error(d)
	}
	if calls := r.writes(); len(calls) > 0 || res.Summary.Rows.Unchanged != 1 {
		t.Errorf("%q %+v", calls, res.Summary.Rows)
	}
}

// A dry run shows records that it does not read as they would be sent. A second row of a new record updates that
// record.
func TestDryRunCountsWhatItKnows(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	made, _ := r.do(Insert, "Name,Code,Note\nOne,a,x\n", Options{})
	id := made.Rows[0]["rc_record_id"]
	for _, test := range []struct {
		name, table string
		reads       job.Choice
		want        []string
	}{
		{Upsert, "Name,Code\nNew,b\nNewer,B\n", "", []string{
			`+ a new record Code "b" Name "New"`, `~ a new record Code "b" -> "B" Name "New" -> "Newer"`,
		}},
		{Upsert, "Name,Code\nOne,a\n", job.Off, []string{`+~ Code "a" Name "One"`}},
		{Update, "id,Note\n" + id + ",y\n4150868009999999999,y\n", job.On, []string{"~ " + id + ` Note "x" -> "y"`}},
		{Update, "id,Note\n" + id + ",y\n", job.Off, []string{"~ " + id + ` Note "y"`}},
	} {
		q := r.request(test.name, test.table, Options{ReadFirst: test.reads})
		if test.name == Upsert {
			q.Settings.Options = job.Encode(Options{Module: "Things", ReadFirst: test.reads, DuplicateCheck: []string{"Code"}})
		}
		q.DryRun = true
		var lines []string
		p := r.Start(q).Summary.Changes
		for _, c := range p.List {
			lines = append(lines, c.String())
		}
		if d := cmp.Diff(test.want, lines); d != "" || p.Added+p.Updated+p.Written != int64(len(lines)) || p.Added > 1 {
			t.Errorf("%s: %s %+v", test.table, d, p)
		}
	}
}

// Upserted rows that share a value by which a record is found go in file order, so the last row wins.
func TestUpsertByTwoFieldsKeepsTheOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	o := Options{Module: "Twice", DuplicateCheck: []string{"Code"}}
	got, _ := r.do(Upsert, "Name,Code,Serial,Note\nN,k1,ww,first\nN,k2,ww,second\nN,k3,s3,x\nN,k2,s3,y\nN,k4,,z\n", o)
	if d := cmp.Diff([]string{
		"inserted SUCCESS", "updated SUCCESS", "inserted SUCCESS", " VALUE_INVALID", "inserted SUCCESS",
	}, got.Column("rc_action", "rc_code")); d != "" {
		t.Error(d, got.Column("rc_message"))
	}
	got, _ = r.do(Upsert, "Code,Serial,Note\nk2,ww,second\nk3,,x\n", o)
	if d := cmp.Diff([]string{"unchanged", "unchanged"}, got.Column("rc_action")); d != "" {
		t.Error(d)
	}
}

// If Zoho refuses a call because of the call itself, its records are not sent again one by one.
func TestRefusalOfACallIsNotRepeatedForEachRow(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got, _ := r.do(Insert, "Name\nOne\nTwo\nThree\n", Options{Rules: []string{"no_such_rule"}})
	if calls := r.writes(); len(calls) != 1 || got.Rows[2]["rc_status"] != "error" {
		t.Errorf("%q %v", calls, got.Column("rc_code", "rc_details"))
	}
}

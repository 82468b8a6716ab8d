package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"rolecall/api"
	"rolecall/api/emulator"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// records asks for an export of a module to a file in the rig's folder.
func (r *rig) records(module, name string) Request {
	q := r.request(name)
	q.Kind, q.Options.Module, q.Options.Shape = Kinds()[1], module, ""
	return q
}

// thing is a record of the model: its fields by API name, as JSON.
type thing map[string]any

// thingFields are the fields of the module Things, in the order of its columns.
const thingFields = `[
	{"api_name":"Text"},{"api_name":"Many","data_type":"multiselectpicklist","pick_list_values":["a","b c","ü"]},
	{"api_name":"Yes","data_type":"boolean"},{"api_name":"Amount","data_type":"currency"},
	{"api_name":"Big","data_type":"bigint"},{"api_name":"Day","data_type":"date"},
	{"api_name":"Account","data_type":"lookup","lookup":"Accounts"}]`

var thingOwners = map[string]string{"71": "Ada van den Berg", "72": "Li"}

// drawThings draws records of the module Things.
func drawThings(t *rapid.T) []thing {
	text := rapid.OneOf(
		rapid.SampledFrom([]string{"=1+1", "'=x", "-5", "+49 30", "@a", "1e5", "007", "a\nb", `say "x", y`, " é "}),
		rapid.StringMatching(`[a-zA-Z ,;"'=+\-]{1,12}`),
	)
	things := make([]thing, 230) // more than a page of Get Records
	for i := range things {
		account := rapid.SampledFrom([]string{"81", "82"}).Draw(t, "account")
		owner := rapid.SampledFrom([]string{"71", "72"}).Draw(t, "owner")
		things[i] = thing{
			"id": fmt.Sprint(9_223_372_036_854_770_000 + i*7), "Name": text.Draw(t, "name"),
			"Many":    rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b c", "ü"}), 1, 3, rapid.ID).Draw(t, "many"),
			"Yes":     rapid.Bool().Draw(t, "yes"),
			"Owner":   map[string]string{"id": owner, "name": thingOwners[owner]},
			"Account": map[string]string{"id": account, "name": "Account " + account},
		}
		for name, value := range map[string]any{
			"Text":   text.Draw(t, "text"),
			"Amount": json.Number(rapid.SampledFrom([]string{"0.1", "-12.5", "1234567890123.45"}).Draw(t, "amount")),
			"Big":    rapid.SampledFrom([]string{"0012345600012", "999999999999999999"}).Draw(t, "big"),
			"Day":    rapid.SampledFrom([]string{"2026-02-28", "1999-12-31"}).Draw(t, "day"),
		} {
			if rapid.Bool().Draw(t, "has "+name) {
				things[i][name] = value
			}
		}
	}
	return things
}

// thingOrg returns an org with the records.
func thingOrg(t testing.TB, things []thing, fields string) *emulator.Org {
	t.Helper()
	return readOrg(t, string(job.Encode(map[string]any{
		"users": []map[string]string{
			{"id": "71", "first_name": "Ada van den", "last_name": "Berg", "email": "a@x.com"},
			{"id": "72", "last_name": "Li", "email": "l@x.com"},
		},
		"accounts": []map[string]string{
			{"id": "81", "Account_Name": "Account 81"}, {"id": "82", "Account_Name": "Account 82"},
		},
		"modules": []map[string]any{{"api_name": "Things", "fields": json.RawMessage(fields), "records": things}},
	})))
}

// thingColumns are the columns of the export of the model.
const thingColumns = "Name,Text,Many,Yes,Amount,Big,Day,Account,Account.name,Owner,Owner.name"

// cells returns the cells of a record as people see them: without guards and prefixes.
func (m thing) cells() []string {
	cells := []string{m["id"].(string)}
	for column := range strings.SplitSeq(thingColumns, ",") {
		field, part, _ := strings.Cut(column, ".")
		cell := ""
		switch v := m[field].(type) {
		case nil:
		case []string:
			cell = strings.Join(v, ";")
		case map[string]string:
			cell = v["id"]
			if part != "" {
				cell = v[part]
			}
		default:
			cell = fmt.Sprint(v)
		}
		cells = append(cells, cell)
	}
	return cells
}

// tableOf reads the cells of an exported file as the model has them.
func tableOf(t testing.TB, path string) (rows [][]string) {
	t.Helper()
	switch filepath.Ext(path) {
	case ".csv":
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if rows, err = csv.NewReader(bytes.NewReader(text)).ReadAll(); err != nil {
			t.Fatal(err)
		}
	case ".xlsx":
		f, err := excelize.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if rows, err = f.GetRows(f.GetSheetName(0), excelize.Options{RawCellValue: true}); err != nil {
			t.Fatal(err)
		}
	}
	for i, row := range rows {
		for j := range row {
			row[j] = csvio.Unguard(strings.TrimPrefix(row[j], "zcrm_"))
		}
		rows[i] = row[:len(row)-1] // rc_base
	}
	return rows
}

// Any records, exported by COQL and by pages as csv and xlsx, are the records of the org: each field, in the order of
// ids. Zoho's order of fields is that of settings/fields.
func TestRecordsAreThoseOfTheOrg(t *testing.T) {
	t.Parallel()
	things := rapid.Custom(drawThings).Example(1)
	want := [][]string{append([]string{"id"}, strings.Split(thingColumns, ",")...)}
	for _, m := range things {
		want = append(want, m.cells())
	}
	for _, coql := range []string{"on", "off"} {
		for _, version := range []string{"v8", "v6"} {
			r := newRig(t, emulator.Options{Org: thingOrg(t, things, thingFields), Coql: coql})
			r.Version = version
			for _, name := range []string{"out.csv", "out.xlsx"} {
				q := r.records("Things", name)
				q.Options.Fields = []string{"Name", "Text", "Many", "Yes", "Amount", "Big", "Day", "Account", "Owner"}
				_, res := r.export(q)
				if diff := cmp.Diff(want, tableOf(t, q.Options.Output)); diff != "" {
					t.Errorf("COQL %s, %s, %s (-want +got)\n%.2000s", coql, version, name, diff)
				}
				e := res.Summary.Export
				if spent := res.Summary.Spent.Credits; spent != e.Plan.Before+e.Plan.Credits() || e.Rows != 230 {
					t.Errorf("COQL %s, %s: %d credits, %d rows, announced %+v", coql, version, spent, e.Rows, e.Plan)
				}
			}
		}
	}
}

// jsonl keeps the types of the values, by COQL as by pages.
func TestRecordsKeepTheirTypes(t *testing.T) {
	t.Parallel()
	things := rapid.Custom(drawThings).Example(2)[:20]
	for _, coql := range []string{"on", "off"} {
		r := newRig(t, emulator.Options{Org: thingOrg(t, things, thingFields), Coql: coql})
		q := r.records("Things", "out.jsonl")
		q.Options.Fields = []string{"Text", "Many", "Yes", "Amount", "Big", "Account"}
		text, _ := r.export(q)
		var want strings.Builder
		for _, m := range things {
			account := m["Account"].(map[string]string)
			fmt.Fprintf(&want, `{"id":%q,"Text":%s,"Many":%s,"Yes":%s,"Amount":%s,"Big":%s,"Account":%q,"Account.name":%q}`+"\n",
				m["id"], job.Encode(m["Text"]), job.Encode(m["Many"]), job.Encode(m["Yes"]), job.Encode(m["Amount"]),
				job.Encode(m["Big"]), account["id"], account["name"])
		}
		got := regexp.MustCompile(`,"rc_base":"h[0-9a-f]{12}"`).ReplaceAllString(text, "")
		if diff := cmp.Diff(want.String(), got); diff != "" {
			t.Errorf("COQL %s (-want +got)\n%.2000s", coql, diff)
		}
	}
}

// A module may have more fields than a page of Get Records or a query returns. The other fields are read by id, and the
// price includes these reads. 201 records need two pages, twice with Get Records, and three reads by id.
func TestManyFields(t *testing.T) {
	t.Parallel()
	var fields []map[string]string
	for i := range 130 {
		fields = append(fields, map[string]string{"api_name": fmt.Sprintf("F%d", i)})
	}
	things := make([]thing, 201)
	for i := range things {
		things[i] = thing{"id": fmt.Sprint(1001 + i), "Name": "n"}
		for j := range fields {
			things[i][fields[j]["api_name"]] = fmt.Sprintf("%d of %d", j, i)
		}
	}
	for name, o := range map[string]struct {
		coql, version string
		calls         map[string]int64
	}{
		"COQL":        {"on", "v8", map[string]int64{"POST /coql": 2}},
		"COQL before": {"on", "v6", map[string]int64{"POST /coql": 2, "GET /Things": 2 * 3}},
		"pages":       {"off", "v8", map[string]int64{"GET /Things": 2 * (2 + 2*3)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{Org: thingOrg(t, things, string(job.Encode(fields))), Coql: o.coql})
			r.Version = o.version
			q := r.records("Things", "out.csv")
			_, res := r.export(q)
			for i, row := range tableOf(t, q.Options.Output) {
				if i > 0 && (len(row) != 1+130+10 || !slices.Contains(row, fmt.Sprintf("129 of %d", i-1))) {
					t.Fatalf("row %d: %q", i, row)
				}
			}
			kinds, plan := res.Summary.Spent.Kinds, res.Summary.Export.Plan
			for kind, want := range o.calls {
				if kinds[kind] != want {
					t.Errorf("%d calls %s, want %d", kinds[kind], kind, want)
				}
			}
			if spent := res.Summary.Spent.Credits; spent != plan.Before+plan.Credits() {
				t.Errorf("%d credits, announced %+v", spent, plan)
			}
		})
	}
}

// A list that stops goes on after the last page, in another process, and the file is that of an undisturbed export.
func TestRecordsGoOn(t *testing.T) {
	t.Parallel()
	for _, coql := range []string{"on", "off"} {
		o := emulator.Options{Contacts: 1_300, Coql: coql, CoqlRows: 200}
		r := newRig(t, o)
		want, undisturbed := r.export(r.records("Contacts", "want.csv"))
		q := r.records("Contacts", "out.csv")
		q.Settings.MaxCredits = 10
		res := r.stops(q, job.OutOfBudget, "budget of credits")
		dir, stops := res.Summary.RunDir, 1
		report, err := job.Report(r.again(dir, 0))
		if err != nil || !strings.Contains(report.Summary.Stopped, " of its Contacts are listed so far") {
			t.Errorf("report: %+v, %v", report, err)
		}
		for ; ; stops++ {
			again, err := job.Resume(t.Context(), r.again(dir, 9))
			if err != nil || stops > 30 {
				t.Fatal(err)
			}
			if res = again; res.Stop == nil {
				break
			}
		}
		if got := r.read(q); got != want {
			t.Errorf("COQL %s: another file after %d stops", coql, stops)
		}
		kind := "POST /coql"
		if coql == "off" {
			kind = "GET /Contacts"
		}
		// A process may read the page again whose rows it could not record, and counts the records once more.
		most := undisturbed.Summary.Spent.Kinds[kind] + 4*int64(stops)
		if got := res.Summary.Spent.Kinds[kind]; got > most || stops < 2 {
			t.Errorf("COQL %s: %d calls with %d stops, want at most %d", coql, got, stops, most)
		}
	}
}

// A search leaves out records that do not match, also if the file does not have the searched field.
func TestSearchLeavesOutLookAlikes(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: readOrg(t, `{"contacts": [
		{"id": "501", "Last_Name": "Burns, B", "Email": "a-b@x.com"}, {"id": "502", "Last_Name": "Burns", "Email": "a_b@x.com"}]}`)})
	for name, set := range map[string]func(*Options){
		"criteria": func(o *Options) { o.Criteria = "last name:equals:Burns, B" },
		"e-mail":   func(o *Options) { o.Email = "A-B@x.com" },
	} {
		q := r.records("Contacts", name+".csv")
		q.Options.Fields = []string{"First_Name"}
		set(&q.Options)
		r.export(q)
		if got := tableOf(t, q.Options.Output); len(got) != 2 || !strings.HasSuffix(got[1][0], "501") {
			t.Errorf("%s: %q", name, got)
		}
	}
	q := r.records("Contacts", "wrong.csv")
	q.Options.Criteria = "Lastnam:equals:Burns"
	if _, err := Start(t.Context(), q); err == nil || !strings.Contains(err.Error(), "did you mean Last_Name?") {
		t.Error(err)
	}
}

// A search that finds more records than Zoho returns writes no file. A search that finds exactly the limit writes one.
func TestSearchThatIsCut(t *testing.T) {
	t.Parallel()
	for _, contacts := range []int{2_000, 2_001} {
		r := newRig(t, emulator.Options{Contacts: contacts})
		q := r.records("Contacts", "out.csv")
		q.Options.Criteria, q.Options.Fields = "(Last_Name:not_equal:Nobody)", []string{"Last_Name"}
		if contacts > 2_000 {
			r.stops(q, job.Refused, "the search finds more than the 2,000 Contacts")
		} else if _, res := r.export(q); res.Summary.Export.Rows != 2_000 {
			t.Errorf("%d rows", res.Summary.Export.Rows)
		}
	}
}

// A field that COQL does not take is read by id, and another refusal of the query says what to check.
func TestFieldThatNoQueryHas(t *testing.T) {
	t.Parallel()
	r := newRigBehind(t, emulator.Options{Contacts: 3}, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			body, _ := io.ReadAll(q.Body)
			q.Body = io.NopCloser(bytes.NewReader(body))
			if strings.HasSuffix(q.URL.Path, "/coql") && bytes.Contains(body, []byte("Title,")) {
				jobtest.Answer(w, http.StatusBadRequest, `{"code":"INVALID_QUERY","details":{"column_name":"Title"},
					"message":"column given seems to be invalid","status":"error"}`)
				return
			}
			h.ServeHTTP(w, q)
		})
	})
	q := r.records("Contacts", "out.csv")
	q.Options.Fields = []string{"Last_Name", "Title", "Email"}
	r.export(q)
	for i, row := range tableOf(t, q.Options.Output) {
		if i > 0 && (len(row) != 4 || row[1] == "" || row[2] == "" || row[3] == "") {
			t.Errorf("%q", row)
		}
	}
	q.Options.Where = "Foo = 'x'"
	if _, err := Start(t.Context(), q); err == nil || !strings.Contains(err.Error(), `"column_name":"Foo"`) {
		t.Errorf("%v", err)
	}
}

// The fields are chosen before anything is listed: those that the user sees in Zoho, or those that the user names.
func TestFieldsOfRecords(t *testing.T) {
	t.Parallel()
	all := []api.Field{
		{APIName: "Owner", Type: "ownerlookup", Visible: true}, {APIName: "Last_Name", Type: "text", Visible: true},
		{APIName: "Secret", Type: "text"}, {APIName: "Items", Type: "subform", Visible: true},
		{APIName: "Photo", Type: "profileimage", Visible: true},
	}
	names := func(columns []column) (names []string) {
		for _, c := range columns {
			names = append(names, c.Name)
		}
		return names
	}
	columns, without, err := columnsOf("Contacts", all, nil)
	if diff := cmp.Diff([]string{"Owner", "Owner.name", "Last_Name"}, names(columns)); diff != "" || err != nil ||
		!slices.Equal(without, []string{"Items", "Photo"}) {
		t.Errorf("%v, %v, %s", without, err, diff)
	}
	if columns, _, err = columnsOf("Contacts", all, []string{"secret", "id"}); err != nil ||
		!slices.Equal(names(columns), []string{"Secret"}) {
		t.Errorf("%v, %v", names(columns), err)
	}
	for field, says := range map[string]string{"Lst_Name": "did you mean Last_Name?", "Items": "record by record"} {
		if _, _, err := columnsOf("Contacts", all, []string{field}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// Users are exported with all fields, in the order of ids, whatever the case of Zoho's field names is.
func TestUsersAreThoseOfTheOrg(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: readOrg(t, `{"users":[
		{"id":"72","first_name":"Li","last_name":"Wu","email":"l@x.com","role":"Sales","time_zone":"Asia/Tokyo"},
		{"id":"9","last_name":"=Ada","email":"a@x.com","status":"inactive"}]}`)})
	q := r.request("out.csv")
	q.Kind, q.Options.Module, q.Options.Shape = Kinds()[2], ModuleUsers, ""
	r.export(q)
	var got []string
	for _, row := range tableOf(t, q.Options.Output) {
		got = append(got, strings.Join(append(row[:8:8], row[10]), ","))
	}
	if diff := cmp.Diff([]string{
		"id,full_name,first_name,last_name,email,role,profile,status,time_zone",
		"9,=Ada,,=Ada,a@x.com,CEO,Administrator,inactive,Etc/UTC",
		"72,Li Wu,Li,Wu,l@x.com,Sales,Administrator,active,Asia/Tokyo",
	}, got[:3]); diff != "" || len(got) != 4 {
		t.Errorf("%d rows (-want +got)\n%s", len(got), diff)
	}
	q.Options.UserType = "DeactiveUsers"
	if _, res := r.export(q); res.Summary.Export.Rows != 1 {
		t.Errorf("%d rows", res.Summary.Export.Rows)
	}
}

// Cells are as Zoho's documents have the values of each type. COQL may join the values of a multi-select.
func TestCellsOfRecords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, part, raw, text, json string }{
		{typeMultiSelect, "", `["a","b c"]`, "a;b c", `["a","b c"]`}, {typeMultiSelect, "", `"a;b c"`, "a;b c", `["a","b c"]`},
		{typeMultiSelect, "", `null`, "", ""}, {"boolean", "", `false`, "false", `false`},
		{"currency", "", `1234567890123.450`, "1234567890123.450", `1234567890123.450`},
		{"lookup", partID, `{"name":"N","id":"7"}`, "7", ""}, {"lookup", partName, `{"name":"N","id":"7"}`, "N", ""},
		{"lookup", partName, `{"id":"7"}`, "", ""}, {"lookup", partID, `null`, "", ""},
		{"text", "", `[{"name":"hot"},{"name":"new"}]`, "hot;new", `[{"name":"hot"},{"name":"new"}]`}, // Tag
	} {
		got := (&column{Type: c.kind, Part: c.part}).cell(json.RawMessage(c.raw))
		if got.Text != c.text || string(got.JSON) != c.json {
			t.Errorf("%s %s: %q, %s", c.kind, c.raw, got.Text, got.JSON)
		}
	}
}

package voice

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/job/jobtest"
)

const people = `First Name,last_name,Mobile,email,company,is_favourite
Ada,Okafor,+1 201-555-0123,ada@x.example,Northwind,TRUE
Bo,,+49 30 1234567,,,
`

// The columns of the results that tests compare.
var shown = []string{"rc_action", "rc_status", "rc_code"}

func TestImportCreatesAContactForEachRow(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	table, res := r.do(Import, people, Options{})
	if res.Stop != nil || res.Summary.Rows.Created != 2 {
		t.Fatalf("%+v, stop %v", res.Summary.Rows, res.Stop)
	}
	want := []string{
		"first_name=Ada last_name=Okafor email=ada@x.example mobile=+12015550123 company=Northwind is_favourite=true",
		"first_name=Bo mobile=+49301234567",
	}
	got := r.lines()
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for i, row := range table.Rows {
		if row["rc_action"] != "created" || row["rc_code"] != "200" || row["rc_http"] != "200" || row["rc_contact_id"] == "" {
			t.Errorf("row %d: %v", i+1, row)
		}
	}
	if writes := jobtest.Writes(r.Front.Sent()); len(writes) != 2 {
		t.Errorf("sent %v", writes)
	}
}

func TestARowThatVoiceCannotTakeIsRefusedBeforeAnyCall(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	table, _ := r.do(Import, `first_name,mobile,phone,is_spam,contact_id
,+12015550123,,,
Ada,,,,
Ada,12,,,
Ada,"4,91555E+11",,,
Ada,030 1234567,,,
Ada,+12015550123,+12015550123 ext. 5,,
Ada,+12015550123,,yes,
Ada,+12015550123,,,4.1E+14
`, Options{})
	want := []string{
		"VALUE_INVALID first_name is empty", "VALUE_INVALID mobile is empty", "VALUE_INVALID mobile: \"12\" is no phone",
		"VALUE_INVALID mobile: \"4,91555E+11\" is a rounded number",
		"VALUE_INVALID mobile: \"030 1234567\" is no phone number with a country code",
		"VALUE_INVALID phone: \"+12015550123 ext. 5\" has an extension", "VALUE_INVALID is_spam: \"yes\"", "ID_",
	}
	for i, got := range table.Column("rc_code", "rc_message") {
		if !strings.HasPrefix(got, want[i]) {
			t.Errorf("row %d: %s, want %s", i+1, got, want[i])
		}
	}
	if sent := r.Front.Sent(); len(sent) > 0 {
		t.Errorf("sent %v", sent)
	}
}

// A row that repeats a mobile takes the outcome of its original. If rows with one mobile differ, the last one counts.
func TestRepeatsAndContradictionsByMobile(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	table, _ := r.do(Import, `first_name,mobile
Ada,+12015550123
Ida,+1 201 555 0123
Bo,+12015550124
Ida,+12015550123
`, Options{})
	want := []string{" error SUPERSEDED", "created success 200", "created success 200", "unchanged success 200"}
	if d := cmp.Diff(want, table.Column(shown...)); d != "" {
		t.Error(d)
	}
	if text := table.Rows[0]["rc_message"]; !strings.HasPrefix(text, "rows give this contact different values; the last") {
		t.Error(text)
	}
	if len(r.contacts()) != 2 {
		t.Error(r.lines())
	}
}

// An update sends the whole contact: this Voice empties what a PUT does not name.
func TestAnUpdateMergesTheRowIntoTheContact(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do(Import, people, Options{})
	ada := r.contacts()[0]
	if ada.Fields["first_name"] != "Ada" {
		ada = r.contacts()[1]
	}
	r.Front.Sent()
	table, res := r.do(Import, "contact_id,company,phone\n"+ada.ID+",Contoso,+12015550188\n", Options{})
	if d := cmp.Diff([]string{"updated success 200"}, table.Column(shown...)); d != "" || res.Stop != nil {
		t.Fatal(d, res.Stop)
	}
	if calls := r.Front.Sent(); len(calls) != 2 || !strings.HasPrefix(calls[0], "GET") || !strings.HasPrefix(calls[1], "PUT") {
		t.Errorf("calls %v", calls)
	}
	want := "first_name=Ada last_name=Okafor email=ada@x.example mobile=+12015550123 phone=+12015550188 " +
		"company=Contoso is_favourite=true"
	if !slices.Contains(r.lines(), want) {
		t.Error(r.lines())
	}
	table, _ = r.do(Import, "contact_id,company,mobile\n"+ada.ID+",Contoso,+1 (201) 555-0123\n31500010000000009,x,\n", Options{})
	if d := cmp.Diff([]string{"unchanged success SUCCESS", " error RECORD_NOT_FOUND"}, table.Column(shown...)); d != "" {
		t.Error(d)
	}
}

package stakeholder

import (
	"strings"
	"testing"

	"rolecall/csvio"
	"rolecall/job"
)

// surveyed returns the row that a job makes of a record.
func surveyed(t *testing.T, name, header, record string) job.Row {
	t.Helper()
	in, err := csvio.NewReader(
		strings.NewReader(header+"\n"+record+"\n"), csvio.Options{Vocabulary: csvio.Stakeholders()},
	)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	rec, err := in.Read()
	if err != nil {
		t.Fatal(err)
	}
	row, err := newSurvey(name, job.Settings{}, "input.csv").Row(in, rec)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// codeOf returns what makes a row unsendable; "" for a row that can be sent.
func codeOf(r *job.Row) (code, message string) {
	if r.Done == nil {
		return "", ""
	}
	return r.Done.Code, r.Done.Message
}

func TestRecordsBecomeRows(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("9", 20)
	const header = "deal_id,contact_id,contact_email,role,role_id"
	for _, test := range []struct {
		name, job, record string
		deal, contact     string
		code, says        string
	}{
		{"a triple", Assign, "1,2,,R,", "1", "2", "", ""},
		{"Zoho's prefix", Assign, "zcrm_1, zcrm_2,,R,", "1", "2", "", ""},
		{"an id beyond 64 bits", Assign, long + ",2,,R,", long, "2", "", ""},
		{"no deal", Assign, ",2,,R,", "", "2", job.CodeIDMissing, "deal_id"},
		{"no contact", Assign, "1,,,R,", "1", "", job.CodeIDMissing, "contact_id"},
		{"an e-mail in place of the contact", Assign, "1,,a@b.example,R,", "1", "", "", ""},
		{"a rounded contact is not replaced by its e-mail", Assign, "1,4.15E+18,a@b.example,R,", "1", "", job.CodeIDRounded, ""},
		{"no role", Assign, "1,2,,,", "1", "2", job.CodeRoleMissing, ""},
		{"a deal without stakeholders", Assign, "1,,,,", "1", "", job.CodeNoStakeholder, ""},
		{"a rounded deal", Assign, "4.15E+18,2,,R,", "", "2", job.CodeIDRounded, "deal_id"},
		{"both ids are bad: the deal is named", Assign, "x,y,,R,", "", "", job.CodeIDInvalid, "deal_id"},
		{"remove needs no role", Remove, "1,2,,,", "1", "2", "", ""},
		{"remove ignores a role", Remove, "1,2,,,x", "1", "2", "", ""},
	} {
		row := surveyed(t, test.job, header, test.record)
		code, message := codeOf(&row)
		if row.Key != test.deal || row.Item != test.contact || code != test.code ||
			!strings.Contains(message, test.says) {
			t.Errorf("%s: %+v, %q %q", test.name, row, code, message)
		}
	}
}

func TestTheNameOfARoleWinsOverItsID(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, id string
		want     ask
		code     string
	}{
		{"Purchasing", "", ask{Cell: "Purchasing"}, ""},
		{" Purchasing ", "4150868000000006872", ask{Cell: "Purchasing"}, ""}, // people edit the name and leave the id
		{"", "zcrm_4150868000000006872", ask{Cell: "4150868000000006872", ByID: true}, ""},
		{" ", "", ask{}, job.CodeRoleMissing},
		{"", "4.15087E+18", ask{}, job.CodeIDRounded},
		{"", "x", ask{}, job.CodeIDInvalid},
	} {
		row := surveyed(t, Assign, "deal_id,contact_id,role,role_id", "1,2,"+test.name+","+test.id)
		if code, _ := codeOf(&row); askOf(&row) != test.want || code != test.code {
			t.Errorf("%q %q: %+v %q", test.name, test.id, askOf(&row), code)
		}
	}
}

func TestAMalformedRowKeepsItsRawText(t *testing.T) {
	t.Parallel()
	row := surveyed(t, Assign, "deal_id,contact_id,role", `1,2,"<&",4`)
	if code, _ := codeOf(&row); code != job.CodeRowMalformed || row.Done.Details != `{"raw":"1,2,\"<&\",4"}` {
		t.Errorf("%+v", row.Done)
	}
}

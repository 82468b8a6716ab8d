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
	const deal, contact = "415086800001", "415086800002"
	const header = "deal_id,contact_id,contact_email,role,role_id"
	for _, test := range []struct {
		name, job, record string
		deal, contact     string
		code, says        string
	}{
		{"a triple", Assign, deal + "," + contact + ",,R,", deal, contact, "", ""},
		{"Zoho's prefix", Assign, "zcrm_" + deal + ", zcrm_" + contact + ",,R,", deal, contact, "", ""},
		{"an id beyond 64 bits", Assign, long + "," + contact + ",,R,", long, contact, "", ""},
		{"no deal", Assign, "," + contact + ",,R,", "", contact, job.CodeIDMissing,
			"the row names no deal: deal_id is empty"},
		{"no contact", Assign, deal + ",,,R,", deal, "", job.CodeIDMissing,
			"the row names no contact: contact_id and contact_email are empty"},
		{"an e-mail in place of the contact", Assign, deal + ",,a@b.example,R,", deal, "", "", ""},
		{"a rounded contact is not replaced by its e-mail", Assign, deal + ",4.15E+18,a@b.example,R,", deal, "",
			job.CodeIDRounded, ""},
		{"no role", Assign, deal + "," + contact + ",,,", deal, contact, job.CodeRoleMissing, ""},
		{"a deal without stakeholders", Assign, deal + ",,,,", deal, "", job.CodeNoStakeholder, ""},
		{"a rounded deal", Assign, "4.15E+18," + contact + ",,R,", "", contact, job.CodeIDRounded, "deal_id"},
		{"both ids are bad: the deal is named", Assign, "x,y,,R,", "", "", job.CodeIDInvalid, "deal_id"},
		{"a short deal", Assign, "41508680001," + contact + ",,R,", "", contact, job.CodeIDInvalid, "has 11 digits"},
		{"several contacts", Assign, deal + ",8001;8002,,R,", deal, "", job.CodeIDInvalid, `";" between them`},
		{"remove needs no role", Remove, deal + "," + contact + ",,,", deal, contact, "", ""},
		{"remove ignores a role", Remove, deal + "," + contact + ",,,x", deal, contact, "", ""},
	} {
		row := surveyed(t, test.job, header, test.record)
		code, message := codeOf(&row)
		if row.Key != test.deal || row.Item != test.contact || code != test.code ||
			!strings.Contains(message, test.says) {
			t.Errorf("%s: %+v, %q %q", test.name, row, code, message)
		}
	}
}

// The error for a row without a name lists only the columns that the file has.
func TestARowWithoutANameSaysWhatItLacks(t *testing.T) {
	t.Parallel()
	const header = "deal_name,contact_email,contact_name,role"
	for record, says := range map[string]string{
		" ,a@b.example,,R": "the row names no deal: deal_name is empty",
		"Big,,,R":          "the row names no contact: contact_email and contact_name are empty",
	} {
		row := surveyed(t, Assign, header, record)
		if code, message := codeOf(&row); code != job.CodeIDMissing || message != says {
			t.Errorf("%s: %s %s", record, code, message)
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
		const header = "deal_id,contact_id,role,role_id"
		row := surveyed(t, Assign, header, "415086800001,415086800002,"+test.name+","+test.id)
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

package cli

import (
	"os"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/job/cli/command"
	"rolecall/job/cli/manual"
)

// manualTables are tables as the page of another system describes them: people, deals, and their roles.
func manualTables() map[string]map[string]string {
	const sf, guid = "1t00000AbCdEFGH", "1111111-2222-3333-4444-abcdefabcdef"
	return map[string]map[string]string{
		"salesforce": {
			"contacts.csv":      "Id,FirstName,LastName,Email\n003" + sf + ",Ada,Okafor,ada@x.example\n",
			"opportunities.csv": "Id,Name,StageName,CloseDate\n006" + sf + ",Northwind,Qualification,2026-12-31\n",
			"roles.csv":         "OpportunityId,ContactId,Role,IsPrimary\n006" + sf + ",003" + sf + ",Old word,true\n",
		},
		"hubspot": {
			"contacts.csv": "Record ID,First Name,Last Name,Email\n201,Ada,Okafor,ada@x.example\n",
			"deals.csv":    "Record ID,Deal Name,Deal Stage,Close Date\n401234567890,Northwind,Qualification,2026-12-31\n",
			"roles.csv":    "Record ID,Buying Role,Associated Deal IDs\n201,Old word,401234567890\n",
		},
		"pipedrive": {
			"people.csv": "Person - ID,Person - First name,Person - Last name,Person - Email\n42,Ada,Okafor,ada@x.example\n",
			"deals.csv": "Deal - ID,Deal - Title,Deal - Stage,Deal - Expected close date\n" +
				"17,Northwind,Qualification,2026-12-31\n",
			"roles.csv": "Deal - ID,Person - ID,Role\n17,42,Old word\n",
		},
		"dynamics": {
			"contacts.csv": "contactid,firstname,lastname,emailaddress1\n3" + guid + ",Ada,Okafor,ada@x.example\n",
			"opportunities.csv": "opportunityid,name,stepname,estimatedclosedate\n" +
				"6" + guid + ",Northwind,Qualification,2026-12-31\n",
			"connections.csv": "record1id,record2id,role\n6" + guid + ",3" + guid + ",Old word\n",
		},
	}
}

// The five commands of each page do what the page says, as they stand there: the contact is on the deal with its role.
func TestManualCommandsWork(t *testing.T) { //nolint:paralleltest // each page has a working folder
	for topic, tables := range manualTables() {
		t.Run(topic, func(t *testing.T) {
			field := `{"api_name": "` + strings.ToUpper(topic[:1]) + topic[1:] + `_Id"}`
			if topic == "hubspot" {
				field = `{"api_name": "HubSpot_Id"}`
			}
			org, err := emulator.ReadOrg(strings.NewReader(`{"modules": [{"api_name": "Deals", "fields": [` + field +
				`]}, {"api_name": "Contacts", "fields": [` + field + `]}]}`))
			if err != nil {
				t.Fatal(err)
			}
			s := newSideOf(t, emulator.Options{Org: org, TokenRequests: -1}, false)
			t.Chdir(s.dir)
			for name, text := range tables {
				s.write(name, text)
			}
			text, err := manual.Page(topic)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for line := range strings.Lines(text) {
				line, isCommand := strings.CutPrefix(line, "    rolecall ")
				if !isCommand {
					continue
				}
				n++
				code, stdout, stderr := s.run(words(strings.TrimSpace(line))...)
				// The third finds a role that Zoho does not have.
				if want := map[int]int{3: command.ExitRowsFailed}[n]; code != want {
					t.Fatalf("rolecall %sexit %d, want %d\n%s%s", line, code, want, stdout, stderr)
				}
				if n == 3 {
					words, err := os.ReadFile("words.csv")
					if err != nil {
						t.Fatal(err)
					}
					s.write("words.csv", strings.Replace(string(words), "Old word,,", "Old word,Purchasing,", 1))
				}
			}
			if got := s.state(); !strings.Contains(got, "Purchasing") || n != 5 {
				t.Errorf("%d commands leave %s", n, got)
			}
		})
	}
}

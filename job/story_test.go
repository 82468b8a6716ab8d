package job

import (
	"errors"
	"strings"
	"testing"

	"rolecall/api"
)

// howKnown distinguishes each way in which the engine and the jobs make an outcome, from the facts about the row in
// run.db.
func TestHowAnOutcomeIsKnown(t *testing.T) {
	t.Parallel()
	done := func(o Outcome) *Outcome { return &o }
	refusal := Refuse(1, &api.Error{Code: "INVALID_DATA", HTTP: 400})
	answered := Confirm(1, ActionAssigned, api.Answer{Code: "SUCCESS", HTTP: 200, Attempts: 2})
	silence := Refuse(1, &api.Error{Err: errors.New("connection reset"), Attempts: 8})
	unknown := silence
	unknown.Code = CodeOutcomeUnknown
	follows := &follower{row: Row{N: 1}, of: 9, line: 10, superseded: true}
	for name, test := range map[string]struct {
		row   Row
		reads bool
		want  string
	}{
		"answered":            {Row{Done: &answered}, false, "Zoho's answer"},
		"refused":             {Row{Done: &refusal}, false, "Zoho's answer"},
		"repeat":              {Row{Done: done(RepeatOf(&answered, 2))}, false, "the same as row 1,"},
		"superseded":          {Row{Done: done(supersede(follows, "", false))}, false, "row 9 of the same contact counts"},
		"superseded and fine": {Row{Done: done(supersede(follows, "", true))}, false, "row 9 of the same contact counts"},
		"malformed":           {Row{Unsendable: true, Done: Reject(CodeIDMissing, "", "")}, false, "never sent"},
		"in place":            {Row{Done: done(Settle(1, ActionUnchanged, "", 0))}, false, "nothing was sent"},
		"read back":           {Row{Done: done(Settle(1, ActionAssigned, "", 3))}, false, "no usable answer came"},
		"after a kill":        {Row{Sent: true, Done: done(Settle(1, ActionAssigned, "", 0))}, false, "a process"},
		"no answer":           {Row{Done: &silence}, false, "no attempt got a usable answer"},
		"unknown":             {Row{Done: &unknown}, false, "neither Zoho's answer nor a later read"},
		"read by an export":   {Row{Done: done(Settle(1, "read", "", 0))}, true, "Zoho's answer"},
		"cut by a kill":       {Row{Sent: true}, false, "no answer is recorded yet"},
		"not attempted":       {Row{}, false, "no call with the row is recorded"},
	} {
		if got := howKnown(&test.row, test.reads); !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

package job

import (
	"encoding/json"
	"fmt"
	"strings"

	"rolecall/api"
)

// Confirm returns the outcome of a row that Zoho confirmed with the answer a.
func Confirm(row int64, action string, a api.Answer) Outcome {
	return Outcome{
		Row: row, Status: Success, Action: action, Code: a.Code, Message: a.Message, Details: string(a.Details),
		HTTP: a.HTTP, Attempts: a.Attempts,
	}
}

// Refuse returns the outcome of a row that Zoho refused, with Zoho's code and message. If e has no code, because Zoho
// gave no usable answer, the code is CodeNoAnswer.
func Refuse(row int64, e *api.Error) Outcome {
	code, message := e.Code, e.Message
	if code == "" {
		code, message = CodeNoAnswer, e.Error()
	}
	return Outcome{
		Row: row, Status: Failed, Code: code, Message: message, Details: string(e.Details),
		HTTP: e.HTTP, Attempts: e.Attempts,
	}
}

// Settle returns the outcome of a row that succeeded without an answer: a later read showed its success, or the row
// needs no call.
func Settle(row int64, action, message string, attempts int) Outcome {
	return Outcome{
		Row: row, Status: Success, Action: action, Code: CodeSuccess, Message: message, Attempts: attempts,
	}
}

// Reject returns the outcome of a row that cannot be sent. The code and the message say what is wrong with the row.
func Reject(code, message, details string) *Outcome {
	return &Outcome{Status: Failed, Code: code, Message: message, Details: details}
}

// RawDetails returns the raw text of a malformed row for the column rc_details, as a JSON object.
func RawDetails(raw string) string {
	return string(Encode(map[string]string{"raw": strings.ToValidUTF8(raw, "\uFFFD")}))
}

// RepeatOf returns the outcome of a row that repeats an earlier row and is not sent. original is the outcome of the
// earlier row.
func RepeatOf(original *Outcome, row int64) Outcome {
	o := *original
	o.Row, o.SameAs, o.Attempts, o.Prior, o.Got = row, original.Row, 0, nil, nil
	o.Details = withSameAs(original.Details, original.Row)
	if o.OK() {
		o.Action, o.Message, o.HTTP = ActionUnchanged, fmt.Sprintf("same as row %d", original.Row), 0
	}
	return o
}

// withSameAs returns details with the number of the repeated row in the field same_as_row. Details that are not a JSON
// object are replaced.
func withSameAs(details string, row int64) string {
	object := map[string]json.RawMessage{}
	if details != "" && json.Unmarshal([]byte(details), &object) != nil {
		object = map[string]json.RawMessage{}
	}
	object["same_as_row"] = fmt.Append(nil, row)
	return string(Encode(object))
}

// supersede returns the outcome of a row that a later row supersedes. With done it is unchanged, not an error.
func supersede(f *follower, done bool) Outcome {
	message := fmt.Sprintf("rows give this contact different roles on this deal; the last one counts, row %d (line %d)",
		f.of, f.line)
	o := *Reject(CodeSuperseded, message, string(Encode(map[string]int64{"superseded_by_row": f.of})))
	o.Row = f.row.N
	if done {
		o.Status, o.Action, o.Code = Success, ActionUnchanged, CodeSuccess
	}
	return o
}

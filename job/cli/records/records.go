// Package records holds the commands for the records of any module, and for the org's users.
package records

import (
	"strings"

	"github.com/alecthomas/kong"
)

// Commands are the commands for the records of any module.
type Commands struct {
	Export exportCmd `cmd:"" help:"Write the records of a module to a file."`
	Get    getCmd    `cmd:"" help:"Show records by their ids."`
	Search searchCmd `cmd:"" help:"Show the records that a search finds."`
	Insert insertCmd `cmd:"" help:"Insert a record for each row of a table."`
	Update updateCmd `cmd:"" help:"Change the records that the rows of a table name by their ids."`
	Upsert upsertCmd `cmd:"" help:"Change the records that the rows of a table match, and insert the others."`
	Delete deleteCmd `cmd:"" help:"Delete the records that the rows of a table name by their ids."`
}

// helpTexts are help texts of flags for records that are too long for a tag, by the name in the tag.
var helpTexts = map[string]string{
	"records_module": "The module, by its API name or label: Contacts, Leads, Deals, Accounts, or any other.",
	"records_fields": "Only these fields, by API name or label, such as Email,Account_Name " +
		"(default: all fields that the user may see).",

	"records_criteria": "FIELD:OPERATOR:VALUE, such as Last_Name:equals:Boyle, or several as " +
		`"((A:equals:x)or(B:in:y,z))".`,
	"records_where": "Only the records that meet this condition of Zoho's query language, such as " +
		`"Email is not null".`,
	"records_since": "Only the records modified since this time: 2026-11-01, 2026-11-01T06:00:00Z, or 36h.",
	"records_search": "Only the records that Zoho's search finds, such as Last_Name:starts_with:B (see records " +
		"search). rolecall leaves out records that only look alike. A search is minutes behind the records; " +
		"--where is exact.",
	"users_type": "Which users, as Zoho names them: AllUsers, ActiveUsers, DeactiveUsers, ConfirmedUsers, " +
		"NotConfirmedUsers, DeletedUsers, ActiveConfirmedUsers, AdminUsers, ActiveConfirmedAdmins, CurrentUser.",

	"records_file": "CSV with a header (gzip is recognised), Excel workbook (XLSX) or JSON (Lines, or an array of " +
		"objects); - is stdin.",
	"records_trigger": "Which automations of Zoho run: workflow, approval, blueprint, or none (default: all).",
	"records_map":     `Column of a field, such as Last_Name="Surname"; may be repeated.`,
	"records_rules":   "Rules of Zoho to apply, which a write otherwise skips: layout, validation.",
	"records_read_first": "Read each record before the first write, for a credit per 100 records. Then rolecall sends " +
		"only values that differ, and rolecall undo can take the run back. auto reads first if the run has at most " +
		"1,000 records.",
	"records_duplicate_check": "The fields that find the record of a row, in this order, such as Email (default: the " +
		"module's own field). Zoho also checks every other unique field.",
	"records_max_delete": "Delete nothing, and end with exit code 3, if there are more records than this " +
		"(default: no limit).",
}

// ExpandHelp gives flags and arguments their texts of helpTexts. Kong would expand Vars once more for each flag
// of each command, which took a third of the start time.
func ExpandHelp(k *kong.Kong) error {
	return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
		if value, ok := node.(*kong.Value); ok {
			name := strings.TrimSuffix(strings.TrimPrefix(value.Help, "${"), "}")
			if text, long := helpTexts[name]; long {
				value.Help = text
			}
		}
		return next(nil)
	})
}

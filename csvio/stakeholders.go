package csvio

// The fields of a table of deals' stakeholders. A deal and a contact are named by any one of their fields, and so is
// the role.
const (
	DealID       Field = "deal_id"
	DealName     Field = "deal_name"
	ContactID    Field = "contact_id"
	ContactEmail Field = "contact_email"
	ContactName  Field = "contact_name"
	Role         Field = "role"
	RoleID       Field = "role_id"
)

// UndoRow is a column of every table that records or undoes the changes of a run: the number of the row of that run.
// Only undo reads such a table. Any other command would do harm with it.
const UndoRow Field = "undo_row"

// UndoAction is a column of the input and the results of undo. It says what undo does with the row.
const UndoAction Field = "undo_action"

// PlanAction is a column of every saved plan. It says what the plan does with the row. Only jobs that know the column
// read such a table.
const PlanAction Field = "rolecall_plan"

// recordID is the folded name of the id column in every export from Zoho CRM's own screens, whatever the module.
const recordID = "recordid"

// sheetStakeholders is the sheet from which stakeholders are read before any other, and the sheet of a written table
// unless the caller names another.
const sheetStakeholders = "stakeholders"

// Stakeholders returns the vocabulary of deals' stakeholders.
//
// Each alias is a name that Zoho itself writes. Two sources of ids are left out on purpose, because the same name
// stands for another module's record just as often: "Id" (Bulk Read API) and "Opportunity ID" (other systems). Users
// name those with --map.
func Stakeholders() *Vocabulary {
	return &Vocabulary{
		Columns: []KnownColumn{
			{Field: DealID, IDs: true, Aliases: []string{ // related lists have the field's own name
				recordID,          // first column of an export of Deals
				"dealnameid",      // "Deal Name.id": the lookup column in exports of modules that point to a deal
				"potentialid",     // Deals were called Potentials until 2018; old orgs keep the label
				"potentialnameid", // the same lookup under the old label
			}},
			{Field: DealName, Aliases: []string{"potentialname"}}, // the old label
			{Field: ContactID, IDs: true, Aliases: []string{
				"contactnameid", // "Contact Name.id": the lookup column of the Deals export
			}},
			{Field: ContactEmail, Aliases: []string{
				"email", // Contacts export, and the Email field of a deal's contact roles in the API
			}},
			{Field: ContactName, Aliases: []string{ // the Deals export has the field's own name
				"fullname", // Full_Name of a deal's contact roles in the API
			}},
			{Field: Role, Aliases: []string{
				"rolename",        // the role picklist
				"contactrole",     // Contact_Role of a deal's contact roles, and the related list's column
				"contactroles",    // the related list's title
				"contactrolename", // Contact_Role.name, the API's object made flat
			}},
			{Field: RoleID, IDs: true, Aliases: []string{
				"contactroleid", // Contact_Role.id, the API's object made flat
			}},
		},
		Ours: []string{ // the columns that every export of stakeholders has
			"deal_id", "deal_name", "stage", "account", "owner", "closing_date",
			"contact_id", "contact_name", "contact_email", "role", "role_id",
		},
		Sheet:      sheetStakeholders,
		Recognises: true,
		Foreign:    "contactowner", // the "Record Id" of an export of Contacts is the contact's, never a deal's
	}
}

// Package voice holds the jobs over the contacts of Zoho Voice: voice import and voice delete, and voice undo, which
// takes a run of them back. Voice has its own host, envelope and limits, and its calls cost no CRM credits.
//
// The survey turns a row into what Voice takes (survey.go, number.go), without a call. Resolve finds the ids of
// statuses and, with --match, the contacts that rows stand for (resolve.go). A key is a contact: its id, or its mobile
// if the row creates it. At most one row of a key is sent (steps.go). An update reads the contact, merges the row into
// it and sends the whole contact, because Zoho's pages do not say whether a PUT merges. A create whose answer is lost
// is never sent again. Instead Finish lists all contacts once and looks for the contacts of such rows (settle.go). Undo
// is in undo.go.
package voice

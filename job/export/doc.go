// Package export writes what an org has to a file: the contacts on deals, with their roles; the records of a module;
// the users.
//
// An export is a run of package job. It lists records from the org (list.go, pages.go), and another process goes on
// with the list after a stop. At the end it writes a file that appears whole or not at all (file.go). A finished
// export keeps its run.db, so that the next export of the same name can find the changes (changes.go,
// recordfile.go).
//
// The rows of an export of stakeholders are the deals, and with --via contacts the contacts as well. The org lists
// them, or the user names the deals (named.go, lookup.go). The run reads them and stores entries by deal and contact
// (work.go). At the end it merges the rows and the entries (merge.go) into the file (output.go, layout.go).
//
// An export of records or users has no rows: each listed record is complete, and becomes an entry (records.go).
// Fields that no list has are read by id (recordread.go). The columns come from the fields of the module
// (column.go).
package export

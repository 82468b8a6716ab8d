// Package export writes the contacts on deals, with their roles, to a file.
//
// An export is a run of package job. Its rows are the deals, and with --via contacts the contacts as well. The org
// lists them (list.go), or the user names the deals (named.go, lookup.go). The run reads them and stores entries by
// deal and contact (work.go). At the end it merges the rows and the entries (merge.go) into the file, which appears
// whole or not at all (output.go, layout.go). A finished export keeps its run.db, so that the next export of the same
// name can find the changes (changes.go).
package export

// Package export writes who plays which role on which deal to a file: the nightly job.
//
// An export is a run of package job. Its rows are the deals, and with --via contacts the contacts as well: they are
// listed from the org (list.go), or named by the user (named.go, lookup.go). What is read of them is kept as entries,
// by deal and then contact (work.go, deals.go). At the end the rows and the entries are merged (merge.go) into the
// file, which appears whole or not at all (output.go, layout.go). The run.db of a finished export is kept, so that the
// next one of the same name can tell what changed (changes.go).
package export

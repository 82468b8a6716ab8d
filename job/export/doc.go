// Package export writes who plays which role on which deal to a file: the nightly job.
//
// An export is a run like the others, in stages that stream and can be stopped and started again: the deals are listed (list.go, named.go) into a database of its own (store.go), who is on them is
// read (read.go), and the file is written in order at the end, whole or not at all (output.go). What it ended with is kept, so that the next one can tell what changed (changes.go).
package export

// Package record holds the jobs records insert, update, upsert and delete, and records undo, which takes a run of them
// back. Modules and fields are data from Zoho's settings: no code here is about one module.
//
// The survey stores the cells of each row, because only the org knows its fields. Begin compares the header with the
// fields (header.go). Resolve turns the cells into typed values (value.go, resolve.go). One Steps does the rows of up
// to 100 keys, a row of each key in a call (batch.go). A run that reads first reads all records before its first write,
// and those that differ once more right before (read.go, look.go). If no answer tells the outcome of a row, a read
// settles it (settle.go). Undo is in undo.go.
package record

// Package csvio reads and writes tables: the files in which people hold deals, contacts and roles, and the result
// tables of a run.
//
// It knows formats, charsets, delimiters, headers and record ids, and what spreadsheets do to all of them. It knows no
// Zoho call: its callers decide what a row means for an org.
//
// Reading and writing stream. Only a record of at most 1 MiB and a block of text are in memory, whatever the size of
// the file.
package csvio

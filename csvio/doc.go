// Package csvio reads and writes tables: the files people keep deals, contacts
// and roles in, and the result tables that a run hands back.
//
// It knows dialects (charset, compression, delimiter, quotes), headers, record
// ids and what spreadsheets do to all of them. It knows no Zoho call: what a
// row means for an org is for its callers to decide.
//
// Reading and writing stream. A record of at most 1 MiB and a block of text are
// all that is held, whatever the size of the file.
package csvio

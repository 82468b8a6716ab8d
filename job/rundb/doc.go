// Package rundb is run.db: the rows of a run, what became of them, and what the run must remember. Everything is in
// plain SQLite tables, so that anybody can look at a run with the sqlite3 program.
//
// One process holds a run.db at a time. A commit survives the death of the process; the death of the machine can take
// back what was committed since the last Sync or forced commit.
package rundb

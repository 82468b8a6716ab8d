// Package rundb stores a run in run.db: its rows, their outcomes, and its facts. Everything is in plain SQLite tables,
// so that people can inspect a run with the sqlite3 program.
//
// One process holds a run.db at a time. A commit survives the end of the process. If the machine fails, commits since
// the last Sync or forced commit can be lost.
package rundb

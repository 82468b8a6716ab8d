// Package rundir is the folder that a run lives in, whatever the run does: its name, its appearing whole, the input that is kept in it, and where its results go besides.
//
// It knows no row, no call and no database of a run's own. Its errors about what the user asked for are *[UsageError].
package rundir

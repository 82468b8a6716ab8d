// Package rundir manages the folder of a run: its name, its whole files, its log, the copy of the input, and the copy
// of the results elsewhere. A whole file appears under its name complete or not at all. Only the owner can read the
// folder.
//
// The package knows no row and no job. Its errors about what the user asked for are *[UsageError].
package rundir

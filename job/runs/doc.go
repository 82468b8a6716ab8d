// Package runs finds the runs of a folder, and removes old ones. It only looks at a run, as job.Past does, until it
// removes the run.
package runs

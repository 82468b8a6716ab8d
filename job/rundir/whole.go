package rundir

import "rolecall/api/auth/whole"

// Whole is a file that appears under its name whole or not at all.
type Whole = whole.File

// CreateWhole begins a file of a run's folder at path. Only its owner can read it. For a file outside the folder, use
// whole.Create. The caller calls Commit, and always Discard.
func CreateWhole(path string) (*Whole, error) { return whole.CreatePrivate(path) }

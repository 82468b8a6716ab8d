package job

import "rolecall/job/rundir"

// UsageError reports a mistake of the user, or an input that cannot be used. Nothing was sent.
type UsageError = rundir.UsageError

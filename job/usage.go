package job

import (
	"fmt"

	"rolecall/job/rundir"
)

// UsageError is a mistake in what was asked, or an input that cannot be used: nothing was sent.
type UsageError = rundir.UsageError

func usagef(format string, args ...any) error { return &UsageError{Err: fmt.Errorf(format, args...)} }

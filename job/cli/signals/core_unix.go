//go:build unix

package signals

import "golang.org/x/sys/unix"

// forbidCore keeps the system from writing a core file. A limit of 1 byte keeps it from giving one to a program too,
// which a limit of 0 does not (core(5)).
func forbidCore() {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_CORE, &limit) != nil {
		return
	}
	limit.Cur, limit.Max = 1, max(limit.Max, 1)
	if unix.Setrlimit(unix.RLIMIT_CORE, &limit) != nil { // the hard limit is 0, and may not be raised
		limit.Cur, limit.Max = 0, 0
		_ = unix.Setrlimit(unix.RLIMIT_CORE, &limit)
	}
}

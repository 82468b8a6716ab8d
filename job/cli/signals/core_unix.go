//go:build unix

package signals

import "golang.org/x/sys/unix"

// forbidCore prevents core files. It sets the limit to 1 byte: with a limit of 0, the system may still pipe the core to
// a program (core(5)).
func forbidCore() {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_CORE, &limit) != nil {
		return
	}
	limit.Cur, limit.Max = 1, max(limit.Max, 1)
	if unix.Setrlimit(unix.RLIMIT_CORE, &limit) != nil { // the hard limit is 0 and cannot be raised
		limit.Cur, limit.Max = 0, 0
		_ = unix.Setrlimit(unix.RLIMIT_CORE, &limit)
	}
}

package cli_test

import (
	"os"
	"runtime/debug"
	"syscall"
)

// peakOf is the most memory that a process had at one time, in MiB.
func peakOf(s *os.ProcessState) float64 {
	if u, ok := s.SysUsage().(*syscall.Rusage); ok {
		return float64(u.Maxrss) / (1 << 10) // KiB: getrusage(2)
	}
	return 0
}

// forgetPeak gives memory back and forgets that it was ever used. A process begins as one that shares the memory of the
// process that starts it, and Linux counts the peak of that as the new one's own.
func forgetPeak() {
	debug.FreeOSMemory()
	// 5 resets the peak (proc(5)). If that is not allowed, the peak of a benchmark that runs alone is still right.
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600)
}

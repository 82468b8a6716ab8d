package cli_test

import (
	"os"
	"syscall"
)

// peakOf is the most memory that a process had at one time, in MiB.
func peakOf(s *os.ProcessState) float64 {
	if u, ok := s.SysUsage().(*syscall.Rusage); ok {
		return float64(u.Maxrss) / (1 << 20) // bytes: getrusage(2)
	}
	return 0
}

// forgetPeak does nothing: only Linux counts the peak of the process that starts another one as the new one's own.
func forgetPeak() {}

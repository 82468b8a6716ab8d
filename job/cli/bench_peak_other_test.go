//go:build !linux && !darwin

package cli_test

import "os"

// peakOf is 0: the most memory that a process had is not told here.
func peakOf(*os.ProcessState) float64 { return 0 }

// forgetPeak does nothing.
func forgetPeak() {}

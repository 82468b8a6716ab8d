//go:build !windows

package screen

import "os"

// takesColours reports whether a terminal understands the sequences of colours.
func takesColours(*os.File) bool { return true }

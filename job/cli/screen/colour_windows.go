package screen

import (
	"os"

	"golang.org/x/sys/windows"
)

// takesColours makes a console understand the sequences of colours, and reports whether it does. Consoles before
// Windows 10 do not (Microsoft Learn, Console Virtual Terminal Sequences).
func takesColours(f *os.File) bool {
	console := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(console, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}

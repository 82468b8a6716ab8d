//go:build !unix

package cli

// forbidCore does nothing: this system writes no core file unless it is told to.
func forbidCore() {}

//go:build !unix

package signals

// forbidCore does nothing: this system writes no core file unless it is told to.
func forbidCore() {}

//go:build !unix

package signals

// forbidCore does nothing, because this system writes no core file by default.
func forbidCore() {}

package signals

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"runtime/pprof"
	"syscall"
	"time"
)

// signalBase is added to a signal's number to make an exit code, as shells do.
const signalBase = 128

// CrashBySignal makes a crash (a panic, no memory, a fatal error of the runtime) end the process by SIGABRT. By default
// a Go program ends with exit code 2, which for rolecall means that nothing was sent. CrashBySignal also prevents core
// files, because they would hold the secrets.
func CrashBySignal() {
	debug.SetTraceback("crash")
	forbidCore()
}

// dumpPatience is the longest wait for a reader of stderr that does not read.
const dumpPatience = time.Second

// dump writes the stacks of all goroutines, as Go's runtime does for these signals. It then leaves with the code of s.
func dump(stderr io.Writer, s os.Signal, leave func(code int)) {
	code := Crashed
	if s == syscall.SIGQUIT {
		code = Quit
	}
	time.AfterFunc(dumpPatience, func() { leave(code) })
	_ = pprof.Lookup("goroutine").WriteTo(stderr, 2) // 2: stacks, as in a crash; they hold no texts
	leave(code)
}

// AsInit runs the same command in a child process if this process is the first of a container, and returns the exit
// code of the child. The operating system does not end process 1 by its own SIGABRT, so a crash would end with exit
// code 2. did is false if this process must do the command itself.
func AsInit() (code int, did bool) {
	if os.Getpid() != 1 {
		return 0, false
	}
	// #nosec G204 G702 -- the child is rolecall itself, with the arguments of this process
	child := exec.Command("/proc/self/exe", os.Args[1:]...)
	child.Args[0] = os.Args[0]
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, heard()...)
	defer signal.Stop(signals)
	if child.Start() != nil {
		return 0, false
	}
	over := make(chan struct{})
	defer close(over)
	go func() {
		for {
			s, ok := next(signals, over)
			if !ok {
				return
			}
			_ = child.Process.Signal(s) // it fails only if the child is over
		}
	}()
	err := child.Wait()
	exit, ok := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil:
		return 0, true
	case !ok:
		return Crashed, true
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return signalBase + int(status.Signal()), true
	}
	return exit.ExitCode(), true
}

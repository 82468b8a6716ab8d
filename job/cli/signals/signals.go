// Package signals handles the signals that end a process, and crashes.
package signals

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"rolecall/job"
)

// The exit codes of a process that a signal ended, as shells have them.
const (
	Interrupted = signalBase + 2  // SIGINT, SIGTERM or SIGHUP
	Quit        = signalBase + 3  // SIGQUIT
	Crashed     = signalBase + 6  // SIGABRT, by which a crash ends
	NoReader    = signalBase + 13 // SIGPIPE, as a program exits that does not catch the signal
)

// oneSignal is the time within which the same signal twice counts as one. timeout(1), the usual wrapper of cron jobs,
// signals its child and then the child's group. The message to the user comes after this time, so the user's second
// signal always counts.
const oneSignal = 20 * time.Millisecond

// Watch returns the context of the process. The first SIGINT, SIGTERM or SIGHUP cancels the context. The second one
// calls leave. SIGQUIT and SIGABRT write the stacks of all goroutines to stderr and call leave at once. The returned
// function ends the watch.
func Watch(stderr io.Writer, leave func(code int)) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, heard()...)
	// Without this, a write to a pipe whose reader is gone ends the process. With it, the write returns an error.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	over := make(chan struct{})
	say := func(text string) { _, _ = fmt.Fprintln(stderr, "rolecall: "+text) }
	go func() {
		first, ok := next(signals, over)
		if !ok {
			return
		}
		if crashes(first) {
			dump(stderr, first, leave)
			return
		}
		cancel(job.ErrInterrupted)
		came := time.Now()
		time.AfterFunc(oneSignal, func() {
			say("stopping: calls in flight are finished first (again to leave at once)")
		})
		for {
			second, ok := next(signals, over)
			if !ok {
				return
			}
			switch {
			case crashes(second):
				dump(stderr, second, leave)
				return
			case second == syscall.SIGHUP: // shells and systemd send it beside another signal
			case second != first || time.Since(came) > oneSignal:
				time.AfterFunc(dumpPatience, func() { leave(Interrupted) }) // stderr may be a pipe that is full
				say("leaving at once: rolecall resume goes on with the run")
				leave(Interrupted)
				return
			}
		}
	}()
	return ctx, func() { signal.Stop(signals); close(over); cancel(nil) }
}

// heard returns the signals to watch. It leaves out SIGHUP if nohup(1) started the process.
func heard() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGABRT}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}

// crashes reports whether a signal asks a process to show what it does and end.
func crashes(s os.Signal) bool { return s == syscall.SIGQUIT || s == syscall.SIGABRT }

// next waits for a signal and returns it. ok is false if over was closed.
func next(signals <-chan os.Signal, over <-chan struct{}) (s os.Signal, ok bool) {
	select {
	case <-over:
		return nil, false
	case s = <-signals:
		return s, true
	}
}

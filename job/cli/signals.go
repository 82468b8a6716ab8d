package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"rolecall/job"
)

// onSignals returns the context of the process: the first SIGINT or SIGTERM cancels it, the second calls leave.
func onSignals(stderr io.Writer, leave func()) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	over := make(chan struct{})
	go func() {
		for n := 1; ; n++ {
			select {
			case <-over:
				return
			case <-signals:
			}
			if n == 2 {
				leave()
				return
			}
			_, _ = fmt.Fprintln(stderr, "rolecall: stopping: calls in flight are finished first (again to leave at once)")
			cancel(job.ErrInterrupted)
		}
	}()
	return ctx, func() { signal.Stop(signals); close(over); cancel(nil) }
}

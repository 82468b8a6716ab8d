package job

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"rolecall/api"
)

// runLog is log.jsonl: one JSON object a line, for retries, refusals, 429 episodes and stops. It can be closed and opened again, since the run's folder is renamed when it is whole.
type runLog struct {
	*slog.Logger

	mu    sync.Mutex
	file  *os.File
	every bool // every attempt, not only those that failed
}

func newRunLog(everyAttempt bool) *runLog {
	l := &runLog{every: everyAttempt}
	l.Logger = slog.New(slog.NewJSONHandler(l, nil))
	return l
}

// open goes on with the log at path.
func (l *runLog) open(path string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	l.file = f
	return nil
}

// close closes the log. What is logged afterwards is dropped.
func (l *runLog) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}

// Write appends one line.
func (l *runLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return io.Discard.Write(line)
	}
	return l.file.Write(line)
}

// hooks are what the log wants to hear of the calls.
func (l *runLog) hooks() Hooks { return Hooks{Attempt: l.attempt, Episode: l.episode, Wait: l.wait} }

// attempt logs what was answered to a call, when it was no success.
func (l *runLog) attempt(a api.Attempt) {
	failed := a.Err != nil || a.Code != "" || a.Message != ""
	told := a.HTTP == http.StatusTooManyRequests && !a.Final // as an episode, once for all calls
	if (!failed || told) && !l.every {
		return
	}
	attrs := []any{"method", a.Method, "path", a.Path, "attempt", a.Number, "http", a.HTTP, "ms", a.Took.Milliseconds()}
	if !failed {
		l.Info("answered", attrs...)
		return
	}
	attrs = append(attrs, "code", a.Code, "message", a.Message)
	if a.Refused > 0 {
		attrs = append(attrs, "refused", a.Refused)
	}
	if a.Err != nil {
		attrs = append(attrs, "error", a.Err.Error())
	}
	if a.Final {
		l.Warn("refused", attrs...)
		return
	}
	l.Warn("retried", append(attrs, "wait_ms", a.Wait.Milliseconds())...)
}

// episode logs that Zoho began or ended to answer 429.
func (l *runLog) episode(e api.Episode) {
	if e.Over {
		l.Info("429 episode over", "seconds", e.Lasted.Seconds(), "refusals", e.Refusals, "in_flight", e.InFlight)
		return
	}
	l.Warn("429 episode", "refusals", e.Refusals, "in_flight", e.InFlight, "wait_ms", e.Wait.Milliseconds())
}

// wait logs that nothing starts until credits come back.
func (l *runLog) wait(until time.Time, why string) {
	l.Warn("waiting for credits", "until", until.UTC(), "why", why)
}

package disk

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"rolecall/api"
	"rolecall/api/pace"
)

// Log is log.jsonl: one JSON object a line, for retries, refusals, 429 episodes and stops. It can be closed and opened again, since the run's folder is renamed when it is whole.
type Log struct {
	*slog.Logger

	mu    sync.Mutex
	file  *os.File
	every bool // every attempt, not only those that failed
}

// NewLog begins a log that has no file yet: what is logged before Open is dropped.
func NewLog(everyAttempt bool) *Log {
	l := &Log{every: everyAttempt}
	l.Logger = slog.New(slog.NewJSONHandler(l, nil))
	return l
}

// Open goes on with the log at path.
func (l *Log) Open(path string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	l.file = f
	return nil
}

// Close closes the log. What is logged afterwards is dropped.
func (l *Log) Close() error {
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
func (l *Log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return io.Discard.Write(line)
	}
	return l.file.Write(line)
}

// Attempt logs what was answered to a call, when it was no success.
func (l *Log) Attempt(a api.Attempt) {
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

// Episode logs that Zoho began or ended to answer 429.
func (l *Log) Episode(e pace.Episode) {
	if e.Over {
		l.Info("429 episode over", "seconds", e.Lasted.Seconds(), "refusals", e.Refusals, "in_flight", e.InFlight)
		return
	}
	l.Warn("429 episode", "refusals", e.Refusals, "in_flight", e.InFlight, "wait_ms", e.Wait.Milliseconds())
}

// Wait logs that nothing starts until credits come back.
func (l *Log) Wait(until time.Time, why string) {
	l.Warn("waiting for credits", "until", until.UTC(), "why", why)
}

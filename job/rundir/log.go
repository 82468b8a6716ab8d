package rundir

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

// Log is log.jsonl: one JSON object a line, for retries, refusals, 429 episodes and stops. It can be closed and opened
// again, because Dir.Appear renames the run's folder.
type Log struct {
	*slog.Logger

	mu    sync.Mutex
	file  *os.File
	every bool // log every attempt, not only those that failed
}

// NewLog returns a log without a file. It drops all entries until Open. With everyAttempt it logs every attempt of a
// call, else only those that failed.
func NewLog(everyAttempt bool) *Log {
	l := &Log{every: everyAttempt}
	l.Logger = slog.New(slog.NewJSONHandler(l, nil))
	return l
}

// Open opens the log file at path. New entries go to its end.
func (l *Log) Open(path string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	// In a folder from another machine the log may be a link to a file elsewhere, or a pipe.
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return usagef("%s is no regular file: delete it", path)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	l.file = f
	return nil
}

// Close closes the log file. The log drops later entries.
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

// Attempt logs a failed attempt of a call, or any attempt if NewLog was called with everyAttempt.
func (l *Log) Attempt(a api.Attempt) {
	failed := a.Err != nil || a.Code != "" || a.Message != ""
	slowed := a.HTTP == http.StatusTooManyRequests && !a.Final // Episode logs these once for all calls
	if (!failed || slowed) && !l.every {
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

// Episode logs the beginning or the end of a time in which Zoho answers 429.
func (l *Log) Episode(e pace.Episode) {
	if e.Over {
		l.Info("429 episode over", "seconds", e.Lasted.Seconds(), "refusals", e.Refusals, "in_flight", e.InFlight)
		return
	}
	l.Warn("429 episode", "refusals", e.Refusals, "in_flight", e.InFlight, "wait_ms", e.Wait.Milliseconds())
}

// Wait logs that no call starts until credits come back. why is the reason, for people.
func (l *Log) Wait(until time.Time, why string) {
	l.Warn("waiting for credits", "until", until.UTC(), "why", why)
}

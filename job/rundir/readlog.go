package rundir

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// LogEntry is a line of log.jsonl about an attempt of a call, as Log.Attempt writes it.
type LogEntry struct {
	Time    time.Time `json:"time"`
	Method  string    `json:"method"`
	Path    string    `json:"path"`
	Attempt int       `json:"attempt"`
	HTTP    int       `json:"http"`
	Took    int64     `json:"ms"`
	Code    string    `json:"code"`
	Message string    `json:"message"`
	Error   string    `json:"error"`
	Wait    int64     `json:"wait_ms"`
}

// longestLine is the longest line of a log that ReadLog reads, in bytes. Zoho's messages are shorter.
const longestLine = 1 << 16

// ReadLog calls each with the attempts in the log at path. It leaves out lines that it cannot read, such as a line that
// another process is writing.
func ReadLog(path string, each func(*LogEntry)) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() { // in a folder from another machine it may be a link or a pipe
		return fmt.Errorf("%s is no regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewReaderSize(f, longestLine)
	for whole := true; ; {
		line, more, err := lines.ReadLine()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		entry := LogEntry{}
		if whole && !more && json.Unmarshal(line, &entry) == nil && entry.Method != "" {
			each(&entry)
		}
		whole = !more
	}
}

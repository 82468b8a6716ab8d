package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/renameio/v2/maybe"
)

// findingsLast is how long what was found out about an org is believed: Zoho may change it from one day to the next.
const findingsLast = 24 * time.Hour

// findings keeps what was found out about an org and an API version in a small file of the state folder, for the next runs. What cannot be read is not known, and what cannot be written is
// found out again.
type findings struct {
	path string
	now  func() time.Time
	mu   sync.Mutex
}

// found is one finding.
type found struct {
	Finding string    `json:"finding"`
	At      time.Time `json:"at"`
}

// Recall implements job.Findings.
func (f *findings) Recall(what string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	known, ok := f.read()[what]
	if age := f.now().Sub(known.At); !ok || age < 0 || age >= findingsLast {
		return ""
	}
	return known.Finding
}

// Remember implements job.Findings.
func (f *findings) Remember(what, finding string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.read()
	all[what] = found{finding, f.now().UTC()}
	b, err := json.MarshalIndent(all, "", "  ")
	if err == nil && os.MkdirAll(filepath.Dir(f.path), 0o700) == nil {
		_ = maybe.WriteFile(f.path, append(b, '\n'), 0o600)
	}
}

func (f *findings) read() map[string]found {
	all := map[string]found{}
	b, err := os.ReadFile(f.path)
	if err != nil || json.Unmarshal(b, &all) != nil || all == nil { // null is JSON as well
		return map[string]found{}
	}
	return all
}

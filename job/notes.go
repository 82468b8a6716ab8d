package job

import (
	"slices"
	"sync"

	"rolecall/job/disk"
)

// notes are what a run found out on the way and people should know: each once, in the log, in the summary, and kept in run.db.
type notes struct {
	log *disk.Log

	mu    sync.Mutex
	texts []string
}

// add takes a note.
func (n *notes) add(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if slices.Contains(n.texts, text) {
		return
	}
	n.texts = append(n.texts, text)
	n.log.Warn("note", "text", text)
}

// list returns them in their order.
func (n *notes) list() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.texts)
}

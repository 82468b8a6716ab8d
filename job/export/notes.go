package export

import (
	"slices"
	"sync"
)

// notes are what was found out on the way, and people should know.
type notes struct {
	mu    sync.Mutex
	texts []string
}

func (n *notes) list() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.texts)
}

// note takes note of something, once.
func (r *run) note(text string) {
	r.notes.mu.Lock()
	defer r.notes.mu.Unlock()
	if slices.Contains(r.notes.texts, text) {
		return
	}
	r.notes.texts = append(r.notes.texts, text)
	r.log.Info("note", "text", text)
}

// warn takes note of something that people should hear even if they asked for nothing but trouble.
func (r *run) warn(text string) {
	r.note(text)
	if r.Warn != nil {
		r.Warn(text)
	}
}

package export

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// told finds out which of the fields that the user wants Zoho tells: one that it does not know it leaves out without a word.
type told struct {
	mu    sync.Mutex
	open  []string        // that were in no record so far
	asked map[string]bool // modules of which there was a record
}

func newTold(fields []string) *told {
	return &told{open: slices.Clone(fields), asked: map[string]bool{}}
}

// see takes a record of a module.
func (t *told) see(module string, fields map[string]json.RawMessage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.open) == 0 {
		return
	}
	t.asked[module] = true
	t.open = slices.DeleteFunc(t.open, func(f string) bool {
		of, name, _ := strings.Cut(f, ".")
		_, is := fields[name]
		return of == module && is
	})
}

// never are the fields that no record told, of modules of which there were records.
func (t *told) never() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(t.open), func(f string) bool {
		of, _, _ := strings.Cut(f, ".")
		return !t.asked[of]
	})
}

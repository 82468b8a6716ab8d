package export

import (
	"slices"
	"strings"
)

// absent finds the fields that the user wants and no record has: Zoho leaves out a field that it does not know, without
// a word.
type absent struct {
	fields  []string        // that no record had so far
	modules map[string]bool // that had a record
}

func newAbsent(fields []string) *absent {
	return &absent{fields: slices.Clone(fields), modules: map[string]bool{}}
}

// see takes a record of a module.
func (a *absent) see(module string, r record) {
	if len(a.fields) == 0 {
		return
	}
	a.modules[module] = true
	a.fields = slices.DeleteFunc(a.fields, func(f string) bool {
		of, name, _ := strings.Cut(f, ".")
		_, has := r[name]
		return of == module && has
	})
}

// list returns the fields that no record had. Of a module without records nothing is known.
func (a *absent) list() []string {
	return slices.DeleteFunc(slices.Clone(a.fields), func(f string) bool {
		of, _, _ := strings.Cut(f, ".")
		return !a.modules[of]
	})
}

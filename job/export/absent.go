package export

import (
	"slices"
	"strings"
)

// absent finds the fields that the user wants and no record has. Zoho silently leaves out a field that it does not
// know.
type absent struct {
	fields  []string        // the fields that no record had so far
	modules map[string]bool // the modules that had a record
}

func newAbsent(fields []string) *absent {
	return &absent{fields: slices.Clone(fields), modules: map[string]bool{}}
}

// see removes the fields of a record from those that no record had.
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

// list returns the fields that no record had. It leaves out modules without records, because they show nothing.
func (a *absent) list() []string {
	return slices.DeleteFunc(slices.Clone(a.fields), func(f string) bool {
		of, _, _ := strings.Cut(f, ".")
		return !a.modules[of]
	})
}

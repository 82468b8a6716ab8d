// Package schema finds the modules and fields of an org by the names that people type.
package schema

import (
	"fmt"
	"strings"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/csvio/alike"
)

// Module returns the module with a name: its API name, or a label in the user's language. Case, spaces, underscores,
// dashes and dots do not count. The error names the nearest module.
func Module(all []api.Module, name string) (api.Module, error) {
	var names []string
	for _, of := range []func(api.Module) string{
		func(m api.Module) string { return m.APIName }, func(m api.Module) string { return m.Plural },
		func(m api.Module) string { return m.Singular },
	} {
		for _, m := range all {
			if n := of(m); n != "" && csvio.Fold(n) == csvio.Fold(name) {
				return m, nil
			}
		}
	}
	for _, m := range all {
		if m.APISupported {
			names = append(names, m.APIName)
		}
	}
	return api.Module{}, fmt.Errorf("the org has no module %q: %s", name, hint(name, names, "the modules are "))
}

// Field returns the field of a module with a name. It compares names as Module does. The error names the nearest field.
func Field(module string, all []api.Field, name string) (api.Field, error) {
	for _, of := range []func(api.Field) string{
		func(f api.Field) string { return f.APIName }, func(f api.Field) string { return f.Label },
		func(f api.Field) string { return f.DisplayLabel },
	} {
		for _, f := range all {
			if n := of(f); n != "" && csvio.Fold(n) == csvio.Fold(name) {
				return f, nil
			}
		}
	}
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = f.APIName
	}
	return api.Field{}, fmt.Errorf("%s has no field %q, or does not show it to this user: %s",
		module, name, hint(name, names, "the fields are "))
}

// hint returns the nearest of some names, or all of them.
func hint(name string, names []string, all string) string {
	if near := alike.Nearest(name, names); near != "" {
		return "did you mean " + near + "?"
	}
	return all + strings.Join(names, ", ")
}

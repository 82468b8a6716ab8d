package lookup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/csvio/alike"
)

// KeyField returns the field that has the keys of another system, for a column that has such keys in place of ids.
func KeyField(column csvio.Field, name string) Field {
	module := "Deals"
	if column == csvio.ContactID {
		module = "Contacts"
	}
	return Field{Module: module, Names: []string{name}, Exact: true, Foreign: true}
}

// Fielder is the part of an org's API that returns the fields of a module.
type Fielder interface {
	Fields(ctx context.Context, module string) ([]api.Field, error)
}

// CheckKeys returns the fields of External, with Field.Number set. The error is a *KeyError if keys cannot be looked up
// in one of them. If the user may not read the fields of the org, CheckKeys does not check them, and the first query
// shows whether they work.
func CheckKeys(ctx context.Context, zoho Fielder, external csvio.External) (map[csvio.Field]Field, error) {
	keys := map[csvio.Field]Field{}
	for _, column := range slices.Sorted(maps.Keys(external)) {
		key := KeyField(column, external[column])
		all, err := zoho.Fields(ctx, key.Module)
		refusal, answered := errors.AsType[*api.Error](err)
		switch {
		case err == nil:
			if why := key.check(all); why != "" {
				return nil, key.wrong(why)
			}
		case !api.NotOffered(err) && (!answered || refusal.Ends != api.EndNone):
			return nil, err
		}
		keys[column] = key
	}
	return keys, nil
}

// KeyError reports that keys cannot be looked up in a field of External.
type KeyError struct{ text string }

// Error implements error.
func (e *KeyError) Error() string { return e.text }

func (f *Field) wrong(why string) *KeyError {
	column := strings.ToLower(strings.TrimSuffix(f.Module, "s"))
	return &KeyError{fmt.Sprintf("--external-id %s=%s: %s; nothing was sent", column, f.Names[0], why)}
}

// shownFields is the most fields that a message names.
const shownFields = 5

// check sets Number, and returns why keys cannot be looked up in the field, or "". all are the fields of the module.
func (f *Field) check(all []api.Field) (why string) {
	names := make([]string, len(all))
	for i, one := range all {
		names[i] = one.APIName
	}
	name := f.Names[0]
	i := slices.Index(names, name)
	if i < 0 {
		i = slices.IndexFunc(all, func(one api.Field) bool {
			return slices.ContainsFunc([]string{one.APIName, one.Label, one.DisplayLabel}, func(known string) bool {
				return known != "" && csvio.Fold(known) == csvio.Fold(name)
			})
		})
		if i >= 0 {
			return "write it as Zoho does: " + names[i]
		}
		near := alike.Ranked(name, names)
		return fmt.Sprintf("%s has no such field, or does not show it to this user; the nearest are %s: give the API name "+
			"of the field that holds the old keys (Zoho shows it in Setup > Developer Hub > APIs & SDKs > API Names)",
			f.Module, strings.Join(near[:min(len(near), shownFields)], ", "))
	}
	if slices.Contains(keyless(), all[i].Type) {
		return fmt.Sprintf("the field has the type %s, in which Zoho cannot look keys up: put the old keys into a field of "+
			"text or numbers", all[i].Type)
	}
	f.Number = all[i].JSONType == "integer" || all[i].JSONType == "double"
	return ""
}

// keyless returns the types of fields that hold no key, or that no query finds by one of several values (Zoho CRM API
// v7, Get Records through a COQL Query, Field Types and their Comparators; v8, COQL Limitations).
func keyless() []string {
	return []string{
		"boolean", "date", "datetime", "multiselectpicklist", "lookup", "ownerlookup", "userlookup", "multiselectlookup",
		"multiuserlookup", "multi_module_lookup", "consent_lookup", "subform", "fileupload", "imageupload", "profileimage", "territories",
	}
}

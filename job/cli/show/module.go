package show

import (
	"context"
	"errors"
	"fmt"

	"rolecall/api"
	"rolecall/api/gateway"
	"rolecall/job"
	"rolecall/job/schema"
)

// Module is a module of the org, with the fields that the user may see.
type Module struct {
	Name   string // its API name
	Fields []api.Field
}

// recordZoho is the part of an org's API that reading records uses. *api.Client implements it.
type recordZoho interface {
	Modules(ctx context.Context) ([]api.Module, error)
	Fields(ctx context.Context, module string) ([]api.Field, error)
	Records(ctx context.Context, module string, q api.RecordsQuery) (api.Page, error)
	Record(ctx context.Context, module, id string, fields ...string) (api.Record, bool, error)
	Search(ctx context.Context, module string, q api.SearchQuery) (api.Page, error)
}

// FindModule reads the fields of a module. This costs one credit if name is the module's API name. For another name
// FindModule also reads the list of modules, and the fields again.
//
// Behind a gateway that does not describe fields, the fields are those of the first records.
func FindModule(ctx context.Context, z recordZoho, name string, forward *gateway.Forward) (Module, error) {
	if forward != nil { // a gateway may answer a wrong name in its own way
		name = schema.Guess(name).APIName
	}
	fields, seen, err := schema.Fields(ctx, z, name, forward)
	if seen && err == nil {
		return Module{name, fields}, nil
	}
	if len(fields) > 0 {
		return Module{name, fields}, nil
	}
	if e, ok := errors.AsType[*api.Error](err); err != nil && (!ok || e.Code != "INVALID_MODULE") {
		return Module{}, fmt.Errorf("read the fields of %s: %w", name, err)
	}
	modules, listErr := z.Modules(ctx)
	if listErr != nil {
		return Module{}, fmt.Errorf("read the modules: %w", listErr)
	}
	m, unknown := schema.Module(modules, name)
	if unknown == nil && m.APIName != name {
		if fields, err = z.Fields(ctx, m.APIName); len(fields) > 0 {
			return Module{m.APIName, fields}, nil
		}
	}
	switch {
	case unknown != nil:
		err = unknown
	case err == nil:
		err = errors.New("Zoho shows no field of it to this user") //nolint:staticcheck // Zoho is a name
	}
	return Module{}, &job.UsageError{Err: fmt.Errorf("module %s: %w", name, err)}
}

// Choose returns the fields that the user named by API name or label, each once. It leaves out the id, which every
// output has.
func (m Module) Choose(names []string) ([]api.Field, error) {
	var chosen []api.Field
	seen := map[string]bool{"id": true}
	for _, name := range names {
		if seen[name] {
			continue
		}
		f, err := schema.Field(m.Name, m.Fields, name)
		if err != nil {
			return nil, &job.UsageError{Err: fmt.Errorf("--fields: %w", err)}
		}
		if !seen[f.APIName] {
			seen[f.APIName] = true
			chosen = append(chosen, f)
		}
	}
	return chosen, nil
}

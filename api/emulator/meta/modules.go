package meta

import (
	"slices"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// moduleData is a module. Keys: Zoho CRM API v8, Modules Metadata, Sample Response.
type moduleData struct {
	ID             org.ID     `json:"id"`
	APIName        org.Module `json:"api_name"`
	Name           org.Module `json:"module_name"`
	Singular       string     `json:"singular_label"`
	Plural         string     `json:"plural_label"`
	ActualSingular string     `json:"actual_singular_label"`
	ActualPlural   string     `json:"actual_plural_label"`
	GeneratedType  string     `json:"generated_type"`
	APISupported   bool       `json:"api_supported"`
	Creatable      bool       `json:"creatable"`
	Editable       bool       `json:"editable"`
	Deletable      bool       `json:"deletable"`
	Viewable       bool       `json:"viewable"`
	Convertable    bool       `json:"convertable"`
	RecycleBin     bool       `json:"recycle_bin_on_delete"`
	Searchable     bool       `json:"global_search_supported"`
	Filterable     bool       `json:"filter_supported"`
	Lookupable     bool       `json:"lookupable"`
	AccessType     string     `json:"access_type"`
	Visibility     int        `json:"visibility"`
	Status         string     `json:"status"`
	Sequence       int        `json:"sequence_number"`
	Profiles       []object   `json:"profiles"`
	ModifiedTime   *string    `json:"modified_time"`
}

// home is a module without an API: Zoho's list has such modules too.
const home org.Module = "Home"

func (a *API) module(m org.Module, sequence int) moduleData {
	d := moduleData{
		ID: org.FirstMeta - org.MetaOfModule, APIName: m, Name: m, Singular: m.Name(), Plural: m.Name(),
		GeneratedType: "default", AccessType: "org_based", Visibility: 1, Status: "visible", Sequence: sequence,
		Profiles: []object{{"name": "Administrator", "id": "4150868000000026011"}},
	}
	if m != home {
		var custom bool
		d.ID = a.store.ModuleID(m)
		d.Singular, d.Plural, custom = a.store.Labels(m)
		d.APISupported, d.Creatable, d.Editable, d.Deletable, d.Viewable = true, true, true, true, true
		d.RecycleBin, d.Searchable, d.Filterable, d.Lookupable = true, true, true, true
		d.Convertable = m == org.Leads
		if custom {
			d.GeneratedType = "custom"
		}
	}
	d.ActualSingular, d.ActualPlural = d.Singular, d.Plural
	return d
}

// getModules lists the modules. None is hidden.
func (a *API) getModules(c *wire.Call) (wire.Answer, error) {
	statuses := []string{"visible", "user_hidden", "system_hidden", "scheduled_for_deletion"}
	if asked := wire.SplitList(c.Query().Get("status")); len(asked) > 0 {
		for i, status := range asked {
			if !slices.Contains(statuses, status) {
				wrong := wire.InvalidParam("status", "")
				wrong.Result.Details.SupportedValues, wrong.Result.Details.Index = statuses, &i
				return wire.Answer{}, wrong
			}
		}
		if !slices.Contains(asked, "visible") {
			return wire.NoContent(), nil
		}
	}
	modules := []moduleData{a.module(home, 1)}
	for i, m := range a.store.Modules() {
		modules = append(modules, a.module(m, i+2))
	}
	return wire.OK(object{"modules": modules})
}

// getModule returns a module by its API name, or by its id, as the SDKs ask for it.
func (a *API) getModule(c *wire.Call) (wire.Answer, error) {
	m, known := a.store.ModuleNamed(c.IDs[0])
	modules := a.store.Modules()
	n, _ := org.ParseID(c.IDs[0])
	if i := slices.IndexFunc(modules, func(m org.Module) bool { return a.store.ModuleID(m) == n }); i >= 0 {
		m, known = modules[i], true
	}
	if !known {
		return wire.Answer{}, wire.Bad("INVALID_MODULE", "the module name given seems to be invalid", wire.AtPath(2))
	}
	return wire.OK(object{"modules": []moduleData{a.module(m, slices.Index(modules, m)+2)}})
}

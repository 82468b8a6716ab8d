package records

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// binKey is the key of the recycle bin in bodies and answers. Zoho CRM API v8, Recycle Bin.
const binKey = "recycle_bin"

// mostRestored is how many ids one call may restore. Zoho CRM API v8, Restore Recycle Bin Records.
const mostRestored = 200

// binRoutes returns the calls on the recycle bin.
func (a *API) binRoutes() []wire.Route {
	route := func(method, rest, operation string, h wire.Handler) wire.Route {
		return wire.Route{
			Method: method, Pattern: "/settings/recycle_bin" + rest, Scopes: "settings.recycle_bin." + operation,
			Handler: func(c *wire.Call) (wire.Answer, error) {
				if c.Version < wire.V8 {
					return wire.Answer{}, wire.InvalidURL() // only the pages of v8 have the calls
				}
				return h(c)
			},
		}
	}
	return []wire.Route{
		route("GET", "", "READ", a.getBin),
		route("GET", "/{id}", "READ", a.getBin),
		route("GET", "/actions/count", "READ", a.countBin),
		route("POST", "/actions/restore", "UPDATE", a.restore),
		route("POST", "/{id}/actions/restore", "UPDATE", a.restoreOne),
		route("DELETE", "", "DELETE", a.purge),
		route("DELETE", "/{id}", "DELETE", a.purgeOne),
	}
}

// binned is a record in the recycle bin.
type binned struct {
	ID          org.ID          `json:"id"`
	DisplayName string          `json:"display_name"`
	Module      wire.ModuleRef  `json:"module"`
	Owner       json.RawMessage `json:"owner"`
	DeletedBy   json.RawMessage `json:"deleted_by"`
	DeletedTime string          `json:"deleted_time"`
}

// getBin lists the recycle bin, or one record of it. The latest deletion comes first, unless the call asks for another
// order. Filters are documented and not emulated.
func (a *API) getBin(c *wire.Call) (wire.Answer, error) {
	query := c.Query()
	if query.Has("filters") {
		return wire.Answer{}, wire.NotEmulated("filters", wire.Details{ParamName: "filters"})
	}
	ids, filtered, err := c.ReadIDs()
	if err != nil {
		return wire.Answer{}, err
	}
	if len(c.IDs) > 0 {
		ids, filtered = c.IDs, true
	}
	info, err := wire.ReadPage(c)
	if err != nil {
		return wire.Answer{}, err
	}
	var rows []binned
	current, _ := org.ParseID(org.UserID)
	user, _ := a.store.UserByID(current)
	for _, d := range a.store.Bin(a.now()) {
		if filtered && !slices.Contains(ids, d.ID.String()) {
			continue
		}
		row := a.store.Row(d.Module, d.ID)
		owner, _ := row.Value("Owner")
		rows = append(rows, binned{
			ID: d.ID, DisplayName: row.Name(), Owner: org.UserRef(owner), DeletedBy: org.UserRef(org.UserValue(user)),
			Module:      wire.ModuleRef{APIName: d.Module.Name(), ID: a.store.ModuleID(d.Module).String()},
			DeletedTime: org.TimeText(d.At),
		})
	}
	if err := sortBin(rows, query.Get("sort_by"), query.Get("sort_order")); err != nil {
		return wire.Answer{}, err
	}
	if rows = wire.CutPage(&info, rows); len(rows) == 0 {
		return wire.NoContent(), nil
	}
	return wire.OK(map[string]any{binKey: rows, "info": info.PlainInfo})
}

func sortBin(rows []binned, by, order string) error {
	keys := map[string]func(binned) string{
		"display_name": func(b binned) string { return b.DisplayName },
		"deleted_time": func(b binned) string { return b.DeletedTime },
		"deleted_by":   func(b binned) string { return string(b.DeletedBy) },
	}
	key, known := keys[cmp.Or(by, "deleted_time")]
	switch {
	case !known:
		return wire.InvalidParam("sort_by", "")
	case order != "" && order != "asc" && order != "desc":
		return wire.InvalidParam("sort_order", "")
	}
	slices.SortStableFunc(rows, func(x, y binned) int {
		if order == "asc" {
			return strings.Compare(key(x), key(y))
		}
		return strings.Compare(key(y), key(x))
	})
	return nil
}

func (a *API) countBin(*wire.Call) (wire.Answer, error) {
	return wire.OK(map[string]int{"count": len(a.store.Bin(a.now()))})
}

// restore brings records back: those with the given ids, or all. The body must have exactly one of the keys.
func (a *API) restore(c *wire.Call) (wire.Answer, error) {
	body, err := c.ReadBody()
	if err != nil {
		return wire.Answer{}, err
	}
	keys := []string{"ids", "filters", "restore_all_records"}
	var given, all []wire.Ref
	for _, key := range keys {
		ref := wire.Ref{APIName: key, JSONPath: "$." + key}
		all = append(all, ref)
		if _, is := body.Get(key); is {
			given = append(given, ref)
		}
	}
	switch {
	case len(given) == 0:
		return wire.Answer{}, wire.Bad("EXPECTED_FIELD_MISSING", "one of the expected fields is missing",
			wire.Details{ExpectedFields: all})
	case len(given) > 1:
		return wire.Answer{}, wire.Bad("AMBIGUITY_DURING_PROCESSING", "ambiguity while processing the request",
			wire.Details{AmbiguityDueTo: given})
	}
	switch given[0].APIName {
	case "filters":
		return wire.Answer{}, wire.NotEmulated("filters", wire.Details{APIName: "filters", JSONPath: "$.filters"})
	case "restore_all_records":
		return a.restoreAll()
	}
	var ids []string
	if json.Unmarshal(body["ids"], &ids) != nil {
		return wire.Answer{}, refuse(wire.Invalid("ids", "$.ids", "jsonarray"))
	}
	if len(ids) > mostRestored {
		return wire.Answer{}, wire.Bad("LIMIT_EXCEEDED", "limit exceeded",
			wire.Details{APIName: "ids", MaximumLength: mostRestored})
	}
	return a.restored(ids)
}

// restoreOne brings the record in the path back.
func (a *API) restoreOne(c *wire.Call) (wire.Answer, error) { return a.restored(c.IDs) }

func (a *API) restored(ids []string) (wire.Answer, error) {
	done, err := a.store.Restore(org.ParseIDs(ids), a.now())
	if err != nil {
		return wire.Answer{}, err
	}
	return wire.Outcomes(binKey, ids, done, "record restored", "record not restored") // the second text is ours
}

// restoreAll restores all records. At Zoho this is a job that ends later. Here it is complete before the answer.
func (a *API) restoreAll() (wire.Answer, error) {
	var ids []org.ID
	for _, d := range a.store.Bin(a.now()) {
		ids = append(ids, d.ID)
	}
	if _, err := a.store.Restore(ids, a.now()); err != nil {
		return wire.Answer{}, err
	}
	scheduled := wire.Success("", "restore scheduled") // the text is ours
	scheduled.Code = "SCHEDULED"
	answer, err := wire.Results(binKey, []wire.Result{scheduled})
	answer.Status = http.StatusAccepted
	return answer, err
}

// purge deletes records for good.
func (a *API) purge(c *wire.Call) (wire.Answer, error) {
	ids, given, err := c.ReadIDs()
	switch {
	case err != nil:
		return wire.Answer{}, err
	case !given:
		return wire.Answer{}, wire.ParamMissing("ids")
	}
	return a.purged(ids)
}

func (a *API) purgeOne(c *wire.Call) (wire.Answer, error) { return a.purged(c.IDs) }

func (a *API) purged(ids []string) (wire.Answer, error) {
	done, err := a.store.Purge(org.ParseIDs(ids), a.now())
	if err != nil {
		return wire.Answer{}, err
	}
	return wire.Outcomes(binKey, ids, done, "record deleted", "record not deleted")
}

package records

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// A request is the body of a write.
type request struct {
	list        []json.RawMessage
	checks      []string   // fields of the duplicate check
	layoutRules bool       // the call asked for layout rules
	unmodified  *time.Time // If-Unmodified-Since
}

// maxChecks is the most fields of a duplicate check. OpenAPI v8.0 (3.1).
const maxChecks = 10

// readRequest reads the body of a write. Zoho CRM API v7, Insert, Update and Upsert Records.
func (a *API) readRequest(c *wire.Call, m org.Module) (*request, error) {
	body, err := c.ReadBody()
	if err != nil {
		return nil, err
	}
	r := &request{}
	if r.list, err = body.List("data"); err != nil {
		return nil, err
	}
	most := wire.MaxItems
	if c.Composed {
		most = 1 // Zoho CRM API v7, Composite API, Allowed APIs
	}
	if len(r.list) > most {
		return nil, wire.Bad("LIMIT_EXCEEDED", "limit exceeded", wire.Details{APIName: "data", MaximumLength: most})
	}
	if err := price(c, len(r.list)); err != nil {
		return nil, err
	}
	if text := c.Header.Get("If-Unmodified-Since"); text != "" {
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return nil, wire.Bad("INVALID_DATA", "invalid data",
				wire.Details{APIName: "If-Unmodified-Since", ExpectedDataType: "datetime"})
		}
		r.unmodified = &t
	}
	if _, err := readNames(body, "trigger", triggers()); err != nil {
		return nil, err
	}
	if r.layoutRules, err = readFeatures(body); err != nil {
		return nil, err
	}
	r.checks, err = a.readChecks(body, m)
	return r, err
}

// tenRecords is how many records cost a credit, and how many a write may have that does not count for sub-concurrency.
// Zoho CRM API v8, API Limits.
const tenRecords = 10

// price adds what a write costs above one credit. A refused call costs it too. (inferred)
func price(c *wire.Call, records int) error {
	if records > tenRecords && !c.Heavy() {
		return wire.TooManyRequests()
	}
	c.Charge((records+tenRecords-1)/tenRecords - 1)
	return nil
}

// triggers are the automations that a write may start. None is emulated.
func triggers() []string {
	return []string{"workflow", "approval", "blueprint", "pathfinder", "orchestration"}
}

// readNames reads an optional list of texts, which must be among the supported ones. Nil supports all. Code and details
// are inferred from other keys.
func readNames(body wire.Item, key string, supported []string) ([]string, error) {
	raw, given := body.Get(key)
	if !given {
		return nil, nil
	}
	var names []string
	if json.Unmarshal(raw, &names) != nil {
		return nil, refuse(wire.Invalid(key, "$."+key, "jsonarray"))
	}
	for i, name := range names {
		if supported != nil && !slices.Contains(supported, name) {
			wrong := wire.Invalid(key, wire.Path(key, i), "")
			wrong.Details.SupportedValues = supported
			return nil, refuse(wrong)
		}
	}
	return names, nil
}

func refuse(wrong *wire.Result) error {
	return &wire.Refusal{Status: http.StatusBadRequest, Result: *wrong}
}

// readFeatures reads apply_feature_execution and reports whether it names layout rules. The org has no other rules.
// Names: Zoho CRM API v7, and the examples of OpenAPI v8.0.
func readFeatures(body wire.Item) (layoutRules bool, err error) {
	known := []string{
		"layout_rules", "range_validation", "criteria_validation_rule", "function_validation_rule", "assignment_rules",
		"global_map_dependency", "territory_subordinates",
	}
	const key = "apply_feature_execution"
	raw, given := body.Get(key)
	if !given {
		return false, nil
	}
	var features []struct {
		Name string `json:"name"`
	}
	if json.Unmarshal(raw, &features) != nil {
		return false, refuse(wire.Invalid(key, "$."+key, "jsonarray"))
	}
	for i, f := range features {
		if !slices.Contains(known, f.Name) {
			wrong := wire.Invalid("name", wire.Path(key, i)+".name", "")
			wrong.Details.SupportedValues = known
			return false, refuse(wrong)
		}
		layoutRules = layoutRules || f.Name == "layout_rules"
	}
	return layoutRules, nil
}

// readChecks returns the fields by which an upsert looks for a record, in order: first the given ones, or else the
// system field, then the unique fields, even if the call does not name them. Zoho CRM API v7, Upsert Records, Duplicate
// check.
func (a *API) readChecks(body wire.Item, m org.Module) ([]string, error) {
	const key = "duplicate_check_fields"
	system := a.store.SystemField(m)
	checks, err := readNames(body, key, nil)
	if err != nil {
		return nil, err
	}
	if len(checks) > maxChecks {
		return nil, wire.Bad("LIMIT_EXCEEDED", "limit exceeded", wire.Details{APIName: key, MaximumLength: maxChecks})
	}
	for i, name := range checks {
		// Code and details are inferred.
		if f, known := a.store.FieldNamed(m, name); !known || !f.Unique && name != system {
			return nil, refuse(wire.Invalid(key, wire.Path(key, i), ""))
		}
	}
	if len(checks) == 0 {
		checks = []string{system}
	}
	for _, f := range a.store.Fields(m) {
		if f.Unique && !slices.Contains(checks, f.API) {
			checks = append(checks, f.API)
		}
	}
	return checks, nil
}

package report

import "io"

// Forecast is the expected work and cost of a run, before its first write. Each job fills in its own part.
type Forecast struct {
	Plan   Plan        `json:"plan"`
	Roles  *Roles      `json:"roles,omitempty"`  // the plan of a run over the role picklist
	Export *ExportPlan `json:"export,omitempty"` // the price of an export

	Deletions *Deletions `json:"deletions,omitempty"` // what the user must agree to first; nil: nothing
}

// WriteText writes the forecast in sentences.
func (f *Forecast) WriteText(w io.Writer) error {
	switch {
	case f.Roles != nil:
		return f.Roles.WriteText(w)
	case f.Export != nil:
		return f.Export.WriteText(w)
	}
	return f.Plan.WriteText(w)
}

package report

import "io"

// Forecast is the expected work and cost of a run, before its first write. Each job fills in its own part.
type Forecast struct {
	Plan    Plan        `json:"plan"`
	Roles   *Roles      `json:"roles,omitempty"`   // the plan of a run over the role picklist
	Export  *ExportPlan `json:"export,omitempty"`  // the price of an export
	Records *Records    `json:"records,omitempty"` // the price of a run over records
	Taken   *Taken      `json:"taken,omitempty"`   // what an undo takes back
	LookUp  *LookUp     `json:"look_up,omitempty"` // what the run looked up before; nil: nothing
	// UnknownRoles are the names in the input that the org does not have; nil: none.
	UnknownRoles *UnknownRoles `json:"unknown_roles,omitempty"`

	Asks int64 `json:"asks,omitempty"` // changes that the user must confirm first

	Deletions *Deletions `json:"deletions,omitempty"` // what the run takes away; nil: nothing

	Question string `json:"question,omitempty"` // the question to the user if Asks is not 0
}

// Ask sets what the run takes away, and the question to the user about it. nil: nothing.
func (f *Forecast) Ask(d *Deletions) {
	f.Deletions, f.Asks, f.Question = d, 0, ""
	if d != nil {
		f.Asks, f.Question = d.Count, "About to "+d.String()+". Go on?"
	}
}

// Would returns what the user is asked to agree to, such as "take 3 contacts off 2 deals".
func (f *Forecast) Would() string {
	switch {
	case f.Deletions != nil:
		return f.Deletions.String()
	case f.Taken != nil:
		return f.Taken.String()
	}
	return "take back " + Plural(f.Asks, "change")
}

// WriteText writes the forecast in sentences.
func (f *Forecast) WriteText(w io.Writer) error {
	if f.LookUp != nil {
		if err := f.LookUp.WriteText(w); err != nil {
			return err
		}
	}
	switch {
	case f.Taken != nil:
		if err := f.Taken.WriteText(w); err != nil {
			return err
		}
	case f.Roles != nil:
		return f.Roles.WriteText(w)
	case f.Export != nil:
		return f.Export.WriteText(w)
	case f.Records != nil:
		return f.Records.WriteText(w)
	}
	return f.Plan.WriteText(w)
}

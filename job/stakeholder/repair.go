package stakeholder

import (
	"fmt"
	"slices"
	"strings"

	"rolecall/csvio"
	"rolecall/csvio/alike"
	"rolecall/job"
	"rolecall/job/lookup"
	"rolecall/job/report"
)

// keyRepairs is the key of repairs in the notebook.
const keyRepairs = "repairs"

// repairs counts the ids that --repair-ids restored.
type repairs struct {
	Through int64 `json:"through"` // the last row that is counted: a kill may make Resolve see it again
	IDs     int64 `json:"ids"`
}

// doubtful reports whether the id in a column looks rounded and may not be sent as it is. zcrm_ before an id keeps it
// whole, unless rolecall wrote the table: failed.csv has it before each id.
func (s *survey) doubtful(in *csvio.Reader, column csvio.Field) bool {
	cell := in.Value(column)
	earlier, _ := in.Earlier()
	whole := earlier == "" && strings.HasPrefix(strings.ToLower(alike.Trim(cell)), "zcrm_")
	if !s.repair && earlier != job.CodeIDRounded || whole {
		return false
	}
	_, is := csvio.RoundedID(cell)
	return is
}

// rounded says of an id of digits that it looks rounded.
func rounded(cell string) string {
	return fmt.Sprintf("%.60q may have lost its last digits to a spreadsheet or a program; "+
		"if it is right, put zcrm_ before it and empty rc_code, if there is one", alike.Trim(cell))
}

// instead returns how a row names a record whose id is missing, or rounded and to be repaired. bad is what is wrong
// with the id.
func (s *survey) instead(in *csvio.Reader, bad *job.Outcome, column csvio.Field, by ...csvio.Field) *sought {
	if bad == nil || bad.Code != job.CodeIDMissing && (bad.Code != job.CodeIDRounded || !s.repair) {
		return nil
	}
	named := soughtBy(in, by...)
	if named != nil && bad.Code == job.CodeIDRounded {
		named.Cell = in.Value(column)
	}
	return named
}

// proven returns the records that have the name or e-mail of a row, and the digits of its rounded id, if it has one.
func (s *sought) proven(answer *lookup.Answer) *lookup.Answer {
	if answer == nil || s.Cell == "" {
		return answer
	}
	ids, _ := csvio.RoundedID(s.Cell)
	within := *answer
	within.Hits = slices.DeleteFunc(slices.Clone(answer.Hits), func(h lookup.Hit) bool { return !ids.Has(h.ID) })
	return &within
}

// unproven returns why a rounded id cannot be restored, or nil.
func (s *sought) unproven(answer *lookup.Answer) *job.Outcome {
	what, value := s.words()
	why, details := "", ""
	switch within := s.proven(answer); {
	case answer == nil: // run.db was changed
		why = value + " was not looked up"
	case len(answer.Hits) == 0 && answer.Why != "":
		why = value + " cannot be looked up: " + answer.Why
	case answer.More:
		why = fmt.Sprintf("Zoho has more %ss with %s, or one like it, than it lists", what, value)
		details = listed(answer.Hits, true)
	case len(answer.Hits) == 0:
		why = fmt.Sprintf("no %s has %s", what, value)
	case len(within.Hits) == 0:
		why = fmt.Sprintf("no %s with %s has an id that could be rounded to it", what, value)
		details = listed(answer.Hits, false)
	case len(within.Hits) > 1:
		why = fmt.Sprintf("%d %ss with %s have an id that could be rounded to it", len(within.Hits), what, value)
		details = listed(within.Hits, false)
	default:
		return nil
	}
	return job.Reject(job.CodeIDRounded, fmt.Sprintf("%s_id: %.60q looks rounded: %s", what, alike.Trim(s.Cell), why),
		details)
}

// restored counts an id that differs from the rounded one of its row.
func (w *work) restored(r *job.Row, s *sought, id string) {
	if s.Cell == "" || r.N <= w.repairs.Through {
		return
	}
	if own, err := csvio.ParseID(s.Cell); err != nil || own != id {
		w.repairs.IDs++
	}
}

// noteRepairs keeps the count of restored ids once some rows are resolved, and tells it at the end.
func (w *work) noteRepairs(rows []job.Row) error {
	if !w.RepairIDs {
		return nil
	}
	if len(rows) == 0 {
		if n := w.repairs.IDs; n > 0 {
			w.desk.Say(fmt.Sprintf("restored %s by the names and e-mails of their rows: rc_repaired_from in results.csv "+
				"shows from what", report.Plural(n, "rounded id")))
		}
		return nil
	}
	w.repairs.Through = max(w.repairs.Through, rows[len(rows)-1].N)
	return w.desk.Notebook.Put(keyRepairs, w.repairs)
}

// repairedFrom returns the column of results.csv with the rounded ids that were restored. It is found by comparing, so
// that the requests of two rows do not differ because the id of one was rounded.
func repairedFrom() job.Column {
	return job.Column{Name: "rc_repaired_from", Compare: func(in *csvio.Reader, r *job.Row) string {
		var from []string
		for _, c := range []struct {
			column csvio.Field
			id     string
		}{{csvio.DealID, dealOf(r)}, {csvio.ContactID, r.Item}} {
			cell := alike.Trim(in.Value(c.column))
			own, _ := csvio.ParseID(cell)
			if c.id != "" && cell != "" && own != c.id && keyOf(in, c.column) == nil {
				from = append(from, string(c.column)+" "+cell)
			}
		}
		return strings.Join(from, "; ")
	}}
}

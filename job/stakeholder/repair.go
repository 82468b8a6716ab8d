package stakeholder

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"rolecall/csvio"
	"rolecall/csvio/alike"
	"rolecall/job"
	"rolecall/job/lookup"
	"rolecall/job/report"
)

// keyTally is the key of the tally in the notebook.
const keyTally = "look-up"

// tally is what the look-up counts for its notes.
type tally struct {
	Through  int64  `json:"through"`             // the last counted row; after a kill, Resolve may get rows again
	Restored int64  `json:"restored"`            // ids, by --repair-ids
	Others   int64  `json:"others"`              // rows whose e-mail is that of a contact with another name
	Other    string `json:"other_row,omitempty"` // the first of them
}

// doubtful reports whether the id in a column looks rounded and must not be sent as it is. An id with the prefix zcrm_
// is not doubtful, unless rolecall wrote the table: failed.csv has the prefix before each id.
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

// rounded returns the message about an id that looks rounded.
func rounded(cell string) string {
	return fmt.Sprintf("%.60q may have lost its last digits to a spreadsheet or a program; "+
		"if it is right, put zcrm_ before it and empty rc_code, if there is one", alike.Trim(cell))
}

// instead returns how a row names a record if its id is missing, or is rounded and to be repaired. It returns nil
// otherwise. bad is what is wrong with the id.
func (s *survey) instead(in *csvio.Reader, bad *job.Outcome, column csvio.Field, by ...csvio.Field) *sought {
	if bad == nil || bad.Code != job.CodeIDMissing && (bad.Code != job.CodeIDRounded || !s.repair) {
		return nil
	}
	named := soughtBy(in, by...)
	if bad.Code == job.CodeIDMissing {
		return named
	}
	if named == nil {
		named = rangeOf(in, column)
	}
	if named != nil {
		named.Cell = in.Value(column)
	}
	return named
}

// rangeOf returns how to look up the candidates for a rounded id without a name and an e-mail: by the range of ids that
// could be rounded to it. It returns nil if there is no such range.
func rangeOf(in *csvio.Reader, column csvio.Field) *sought {
	ids, _ := csvio.RoundedID(in.Value(column))
	switch {
	case ids == csvio.Rounded{}:
		return nil
	case column == csvio.ContactID:
		return &sought{By: byContactRange, Text: lookup.Range(ids.Low, ids.High)}
	}
	return &sought{By: byDealRange, Text: lookup.Range(ids.Low, ids.High)}
}

// ranges reports whether the digits of a rounded id are the only thing that is known.
func (s *sought) ranges() bool { return s.By == byDealRange || s.By == byContactRange }

// proven returns the records of an answer whose ids could be rounded to the id in the row. If the row has no rounded
// id, it returns all of them.
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
	if s.ranges() {
		return s.likely(what, answer)
	}
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
	return s.rounded(what, why, details)
}

// rounded returns the outcome of a row whose rounded id is not restored.
func (s *sought) rounded(what, why, details string) *job.Outcome {
	return job.Reject(job.CodeIDRounded, fmt.Sprintf("%s_id: %.60q looks rounded: %s", what, alike.Trim(s.Cell), why),
		details)
}

// likely returns the outcome of a row with a rounded id and without a name and an e-mail. Nothing proves which record
// is meant, so the details list the candidates.
func (s *sought) likely(what string, answer *lookup.Answer) *job.Outcome {
	const like = "an id that could be rounded to it"
	unproven := "the row has no name"
	if what == "contact" {
		unproven = "the row has no e-mail and no name"
	}
	switch {
	case answer == nil: // run.db was changed
		return s.rounded(what, "the ids like it were not looked up", "")
	case answer.Why != "":
		return s.rounded(what, unproven+" that proves which "+what+" is meant, and the candidates cannot be looked up: "+
			answer.Why, "")
	case answer.More:
		return s.rounded(what, fmt.Sprintf("more than %d %ss have %s, and %s", len(answer.Hits), what, like, unproven),
			listed(answer.Hits, true))
	case len(answer.Hits) == 0:
		return s.rounded(what, "no "+what+" has "+like, "")
	case len(answer.Hits) == 1:
		return s.rounded(what, fmt.Sprintf("only %s has %s, and %s that proves it", describe(answer.Hits), like, unproven),
			listed(answer.Hits, false))
	}
	return s.rounded(what, fmt.Sprintf("%d %ss have %s, and %s", len(answer.Hits), what, like, unproven),
		listed(answer.Hits, false))
}

// restored counts an id that differs from the rounded one of its row.
func (w *work) restored(r *job.Row, s *sought, id string) {
	if s.Cell == "" || r.N <= w.tally.Through {
		return
	}
	if own, err := csvio.ParseID(s.Cell); err != nil || own != id {
		w.tally.Restored++
	}
}

// compareName counts a row whose e-mail belongs to a contact with a different name. The e-mail decides, because an
// e-mail belongs to one person, and people write a name in many ways.
func (w *work) compareName(r *job.Row, s *sought, found *lookup.Hit) {
	if s.By != byContactEmail || r.N <= w.tally.Through || !strangers(s.Name, found.Name) {
		return
	}
	if w.tally.Others++; w.tally.Others == 1 {
		w.tally.Other = fmt.Sprintf("line %d: %.60q has the e-mail of %.60q (%s)", r.Line, s.Name, found.Name, found.ID)
	}
}

// strangers reports whether two names have no word in common.
func strangers(a, b string) bool {
	words := func(name string) []string {
		return strings.FieldsFunc(alike.Key(name), func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M, unicode.N) })
	}
	x, y := words(a), words(b)
	return len(x) > 0 && len(y) > 0 &&
		!slices.ContainsFunc(x, func(word string) bool { return slices.Contains(y, word) })
}

// noteTally stores the counts after each batch of resolved rows. At the end, when rows is empty, it adds the notes.
func (w *work) noteTally(rows []job.Row) error {
	if w.tally == (tally{}) {
		return nil
	}
	if len(rows) > 0 {
		w.tally.Through = max(w.tally.Through, rows[len(rows)-1].N)
		return w.desk.Notebook.Put(keyTally, w.tally)
	}
	if n := w.tally.Restored; n > 0 {
		w.desk.Say(fmt.Sprintf("restored %s by the names and e-mails of their rows: rc_repaired_from in results.csv "+
			"shows from what", report.Plural(n, "rounded id")))
	}
	if n := w.tally.Others; n > 0 {
		w.desk.Warn(fmt.Sprintf("in %s the e-mail belongs to one contact and the name to another: the e-mail decides; "+
			"the first is %s", report.Plural(n, "row"), w.tally.Other))
	}
	return nil
}

// repairedFrom returns the column of results.csv with the rounded ids that were restored. It compares the cell with the
// id that was sent. The request of a row must not hold the rounded id, because equal rows must have equal requests.
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

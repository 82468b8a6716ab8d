package report

import (
	"io"
	"strings"
)

// Taken is what an undo takes back, from the records of the earlier run. It includes contacts that somebody changed
// since, because the undo has not read the deals yet. A dry run reads them and shows the changes in a Preview, so its
// Taken has only the repairs.
type Taken struct {
	Added   int64    `json:"added"`   // contacts that come back
	Updated int64    `json:"updated"` // contacts that get their earlier role again
	Removed int64    `json:"removed"` // contacts that are taken off their deals
	Repairs int64    `json:"repairs"` // contacts that come back if a call of the run for others took them off
	Unknown int64    `json:"unknown"` // rows that may have changed nothing
	Deals   int64    `json:"deals"`   // their deals, without those of repairs
	First   []string `json:"first"`   // the first of them, in words
}

// ShownTaken is the most changes that a Taken lists.
const ShownTaken = 20

// Add adds a change, in words.
func (t *Taken) Add(line string) {
	if len(t.First) < ShownTaken {
		t.First = append(t.First, Printable(line))
	}
}

// Total returns the number of changes.
func (t *Taken) Total() int64 { return t.Added + t.Updated + t.Removed + t.Repairs }

// String returns what the undo would do, such as "take back 3 changes on 2 deals (1 to put back, 2 to take off)".
func (t *Taken) String() string {
	text := "take back " + Plural(t.Total(), "change")
	if t.Deals > 0 && t.Repairs == 0 { // with a repair the number of deals is not known
		text += " on " + Plural(t.Deals, "deal")
	}
	return text + " (" + strings.Join(t.parts(), ", ") + ")"
}

// parts returns the numbers of the changes, in words.
func (t *Taken) parts() []string {
	return notZero(
		part{t.Added, "to put back"}, part{t.Updated, "to give the earlier role"}, part{t.Removed, "to take off"},
		part{t.Repairs, "to put back if a call for others took them off"},
		part{t.Unknown, "of them perhaps not changed"})
}

// WriteText writes the changes: their numbers, and the first of them.
func (t *Taken) WriteText(w io.Writer) error {
	if t.Total() == 0 {
		return nil
	}
	err := Printf(w, "  undo     %s; what somebody changed since is not touched\n", strings.Join(t.parts(), ", "))
	for _, line := range t.First {
		if err == nil {
			err = Printf(w, "    %s\n", line)
		}
	}
	if more := t.Total() - int64(len(t.First)); more > 0 && err == nil {
		err = Printf(w, "    and %s more\n", Count(more))
	}
	return err
}

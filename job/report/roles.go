package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Roles is what a run does to an org's list of roles: known before its first write, and completed at its end.
type Roles struct {
	Steps     []RoleStep `json:"steps"`
	Unchanged int64      `json:"unchanged"`                   // rows whose role is as they say
	Unusable  int64      `json:"unusable"`                    // rows that can never be sent
	Refusals  []string   `json:"foreseen_refusals,omitempty"` // what Zoho will refuse, as far as its documents tell, and why
	Foreign   bool       `json:"foreign_ids,omitempty"`       // among them are ids that the org does not have
	Passing   []RoleStep `json:"passing_names,omitempty"`     // names that roles get for a while, where others get theirs
	Beyond    []string   `json:"beyond,omitempty"`            // roles of the org that the file does not name, and that stay
	Prune     bool       `json:"prune,omitempty"`             // such roles are deleted, if no row fails

	Reads       int64 `json:"reads"`        // before the plan, one credit each
	Calls       int64 `json:"calls"`        // after it, about, reads of the list included; one credit each
	CreditsLeft int64 `json:"credits_left"` // that the run may spend; -1: not known
	Fits        bool  `json:"fits"`

	Pruned       int64      `json:"pruned"`                       // roles that the file does not name, and that were deleted
	NotPruned    int64      `json:"not_pruned"`                   // that were to be, and were not
	NotPrunedWhy string     `json:"not_pruned_because,omitempty"` // of the first that Zoho refused
	Differs      []RoleStep `json:"order_differs,omitempty"`      // roles that Zoho did not put where they were to be: from where they are to where they were to be
}

// What a step does.
const (
	CreateRole = "create"
	RenameRole = "rename"
	MoveRole   = "move"
	DeleteRole = "delete"
)

// RoleStep is one change of a list of roles.
type RoleStep struct {
	Do      string `json:"do"`
	Row     int64  `json:"row,omitempty"` // of the input
	ID      string `json:"id,omitempty"`
	Name    string `json:"name"`
	NewName string `json:"new_name,omitempty"` // rename
	From    int    `json:"from,omitempty"`     // move: the position, from 1
	To      int    `json:"to,omitempty"`       // create, move
}

// String says what the step does.
func (s RoleStep) String() string {
	switch {
	case s.Do == RenameRole:
		return fmt.Sprintf("%-8s %q to %q", s.Do, s.Name, s.NewName)
	case s.Do == MoveRole && s.From == s.To:
		return fmt.Sprintf("%-8s %q past others, which leaves it at %d", s.Do, s.Name, s.To)
	case s.Do == MoveRole:
		return fmt.Sprintf("%-8s %q from %d to %d", s.Do, s.Name, s.From, s.To)
	case s.To > 0:
		return fmt.Sprintf("%-8s %q at %d", s.Do, s.Name, s.To)
	}
	return fmt.Sprintf("%-8s %q", s.Do, s.Name)
}

// Count returns how many steps do something.
func (p *Roles) Count(do string) (n int64) {
	for _, s := range p.Steps {
		if s.Do == do {
			n++
		}
	}
	return n
}

// shownSteps is how many steps people are shown; summary.json has them all.
const shownSteps = 60

// shownRefusals is how many of the foreseen refusals people are shown.
const shownRefusals = 10

// WriteText writes the plan in sentences.
func (p *Roles) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	counts := notZero(part{p.Count(CreateRole), "to create"}, part{p.Count(RenameRole), "to rename"}, part{p.Count(MoveRole), "to move"}, part{p.Count(DeleteRole), "to delete"},
		part{p.Unchanged, "unchanged"}, part{p.Unusable, "cannot be sent"}, part{int64(len(p.Refusals)), "Zoho will refuse"})
	if len(counts) == 0 {
		counts = []string{"nothing to do"}
	}
	_, _ = fmt.Fprintf(b, "  plan     %s\n", strings.Join(counts, ", ")) // as the rest: b keeps the first error
	writeSteps(b, p.Steps)
	for i, why := range p.Refusals {
		if i == shownRefusals {
			_, _ = fmt.Fprintf(b, "    and %d more that Zoho will refuse\n", len(p.Refusals)-shownRefusals)
			break
		}
		_, _ = fmt.Fprintf(b, "    refused  %s\n", why)
	}
	if p.Foreign {
		_, _ = fmt.Fprintf(b, "      -> of a table from another org, --by-name takes the names and leaves the ids alone\n")
	}
	for _, s := range p.Passing {
		_, _ = fmt.Fprintf(b, "    in between, %q is called %q, since another role gets its name\n", s.Name, s.NewName)
	}
	switch {
	case len(p.Beyond) > 0 && p.Prune:
		_, _ = fmt.Fprintf(b, "           not in the file, and not deleted, since rows fail: %s\n", someOf(p.Beyond))
	case len(p.Beyond) > 0:
		_, _ = fmt.Fprintf(b, "           not in the file, and left: %s (--prune deletes such roles, if no row fails)\n", someOf(p.Beyond))
	}
	if p.Calls > 0 {
		_, _ = fmt.Fprintf(b, "  price    about %s, and %s before them, a credit each\n  credits  %s\n", Plural(p.Calls, "call"), Plural(p.Reads, "read"), creditsText(p.CreditsLeft, p.Fits))
	}
	return b.Flush()
}

func writeSteps(w io.Writer, steps []RoleStep) {
	for i, s := range steps {
		if i == shownSteps {
			_, _ = fmt.Fprintf(w, "    and %d more\n", len(steps)-shownSteps)
			break
		}
		_, _ = fmt.Fprintf(w, "    %s\n", s)
	}
}

// someOf lists names, of which there may be many.
func someOf(names []string) string {
	const most = 12
	quoted := make([]string, 0, most+1)
	for i, name := range names {
		if i == most {
			quoted = append(quoted, fmt.Sprintf("and %d more", len(names)-most))
			break
		}
		quoted = append(quoted, fmt.Sprintf("%q", name))
	}
	return strings.Join(quoted, ", ")
}

// outcome says what became of the list beyond the rows.
func (p *Roles) outcome(w io.Writer) {
	if p.Pruned+p.NotPruned > 0 {
		why := ""
		if p.NotPrunedWhy != "" {
			why = ", such as " + oneLine(p.NotPrunedWhy)
		}
		_, _ = fmt.Fprintf(w, "  pruned   %s%s\n", strings.Join(notZero(part{p.Pruned, "deleted that the file does not name"}, part{p.NotPruned, "not deleted"}), ", "), why)
	}
	if len(p.Differs) > 0 {
		_, _ = fmt.Fprintf(w, "  order    differs from what was asked for, also after it was mended once:\n")
		for _, s := range p.Differs {
			_, _ = fmt.Fprintf(w, "    %q is at %d, not at %d\n", s.Name, s.From, s.To)
		}
	}
}

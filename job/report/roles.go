package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Roles is what a run does to an org's list of roles. The job makes it before the first write and completes it at the
// end of the run.
type Roles struct {
	Steps     []RoleStep `json:"steps"`
	Unchanged int64      `json:"unchanged"`                   // rows whose role needs no change
	Unusable  int64      `json:"unusable"`                    // rows that can never be sent
	Refusals  []string   `json:"foreseen_refusals,omitempty"` // rows that Zoho's documents say it will refuse, and why
	Foreign   bool       `json:"foreign_ids,omitempty"`       // Refusals has ids that the org does not have
	Passing   []RoleStep `json:"passing_names,omitempty"`     // temporary names of roles whose names other roles get
	Beyond    []string   `json:"beyond,omitempty"`            // roles of the org that the file leaves out and that stay
	Prune     bool       `json:"prune,omitempty"`             // the run deletes such roles, if no row fails

	Reads       int64 `json:"reads"`        // reads before the plan, one credit each
	Calls       int64 `json:"calls"`        // about how many calls follow, with reads of the list; one credit each
	CreditsLeft int64 `json:"credits_left"` // credits that the run may spend; -1: not known
	Fits        bool  `json:"fits"`         // CreditsLeft is enough for every call, or not known

	Pruned       int64      `json:"pruned"`                       // roles that the file leaves out and the run deleted
	NotPruned    int64      `json:"not_pruned"`                   // roles that the run should delete and did not
	NotPrunedWhy string     `json:"not_pruned_because,omitempty"` // why Zoho refused the first of them
	Differs      []RoleStep `json:"order_differs,omitempty"`      // roles at position From instead of To
}

// The values of RoleStep.Do.
const (
	CreateRole = "create"
	RenameRole = "rename"
	MoveRole   = "move"
	DeleteRole = "delete"
)

// RoleStep is one change of a list of roles.
type RoleStep struct {
	Do      string `json:"do"`
	Row     int64  `json:"row,omitempty"` // the row of the input; 0: none
	ID      string `json:"id,omitempty"`
	Name    string `json:"name"`
	NewName string `json:"new_name,omitempty"` // rename
	From    int    `json:"from,omitempty"`     // move: the old position, from 1
	To      int    `json:"to,omitempty"`       // create, move: the new position, from 1; 0: Zoho chooses
}

// String returns the step as one line for people.
func (s RoleStep) String() string {
	switch {
	case s.Do == RenameRole:
		return fmt.Sprintf("%-8s %q to %q", s.Do, s.Name, s.NewName)
	case s.Do == MoveRole && s.From == s.To:
		return fmt.Sprintf("%-8s %q past other roles; its position stays %d", s.Do, s.Name, s.To)
	case s.Do == MoveRole:
		return fmt.Sprintf("%-8s %q from %d to %d", s.Do, s.Name, s.From, s.To)
	case s.To > 0:
		return fmt.Sprintf("%-8s %q at %d", s.Do, s.Name, s.To)
	}
	return fmt.Sprintf("%-8s %q", s.Do, s.Name)
}

// Count returns how many steps have do, such as CreateRole.
func (p *Roles) Count(do string) (n int64) {
	for _, s := range p.Steps {
		if s.Do == do {
			n++
		}
	}
	return n
}

// shownSteps is the most steps that WriteText shows. summary.json has all.
const shownSteps = 60

// shownRefusals is the most foreseen refusals that WriteText shows.
const shownRefusals = 10

// WriteText writes the plan in sentences.
func (p *Roles) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	counts := notZero(part{p.Count(CreateRole), "to create"}, part{p.Count(RenameRole), "to rename"},
		part{p.Count(MoveRole), "to move"}, part{p.Count(DeleteRole), "to delete"},
		part{p.Unchanged, "unchanged"}, part{p.Unusable, "cannot be sent"},
		part{int64(len(p.Refusals)), "Zoho will refuse"})
	if len(counts) == 0 {
		counts = []string{"nothing to do"}
	}
	_ = Printf(b, "  plan     %s\n", strings.Join(counts, ", ")) // Flush returns the first error of b
	writeSteps(b, p.Steps)
	for i, why := range p.Refusals {
		if i == shownRefusals {
			_ = Printf(b, "    and %d more that Zoho will refuse\n", len(p.Refusals)-shownRefusals)
			break
		}
		_ = Printf(b, "    refused  %s\n", why)
	}
	if p.Foreign {
		_ = Printf(b, "      -> if the table is from another org, use --by-name: it ignores the ids\n")
	}
	for _, s := range p.Passing {
		_ = Printf(b, "    %q is temporarily called %q, because another role gets its name\n",
			s.Name, s.NewName)
	}
	switch {
	case len(p.Beyond) > 0 && p.Prune:
		_ = Printf(b, "           not in the file, and not deleted, because rows fail: %s\n", someOf(p.Beyond))
	case len(p.Beyond) > 0:
		_ = Printf(b,
			"           not in the file, and left: %s (--prune deletes such roles, if no row fails)\n",
			someOf(p.Beyond))
	}
	cost := Cost{CreditsLeft: p.CreditsLeft, Fits: p.Fits}
	switch {
	case p.Calls > 0 && cost.small(p.Calls):
		_ = Printf(b, "  price    about %s, and %s before them%s\n",
			Plural(p.Calls, "call"), Plural(p.Reads, "read"), cost.left())
	case p.Calls > 0:
		_ = Printf(b, "  price    about %s, and %s before them, a credit each\n  credits  %s\n",
			Plural(p.Calls, "call"), Plural(p.Reads, "read"), creditsText(p.CreditsLeft, p.Fits))
	}
	return b.Flush()
}

// writeSteps writes the first steps, each on its own line.
func writeSteps(w io.Writer, steps []RoleStep) {
	for i, s := range steps {
		if i == shownSteps {
			_ = Printf(w, "    and %d more\n", len(steps)-shownSteps)
			break
		}
		_ = Printf(w, "    %s\n", s)
	}
}

// someOf returns the first twelve names in quotes, and the number of the others.
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

// outcome writes what the run deleted with --prune, and which roles are at wrong positions.
func (p *Roles) outcome(w io.Writer) {
	if p.Pruned+p.NotPruned > 0 {
		why := ""
		if p.NotPrunedWhy != "" {
			why = ", such as " + oneLine(p.NotPrunedWhy)
		}
		counts := notZero(part{p.Pruned, "deleted that the file does not name"}, part{p.NotPruned, "not deleted"})
		_ = Printf(w, "  pruned   %s%s\n", strings.Join(counts, ", "), why)
	}
	if len(p.Differs) > 0 {
		_ = Printf(w, "  order    differs from what was asked for, although rolecall corrected it once:\n")
		for _, s := range p.Differs {
			_ = Printf(w, "    %q is at %d, not at %d\n", s.Name, s.From, s.To)
		}
	}
}

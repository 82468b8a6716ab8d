package report

import (
	"cmp"
	"io"
	"strings"
)

// Deletions is what a run takes away. People agree to it before the first write.
type Deletions struct {
	Count   int64    `json:"count"`
	Of      string   `json:"of"`                      // what is taken away: "contact", "role"
	Deals   int64    `json:"deals,omitempty"`         // the deals that contacts are taken off
	Emptied int64    `json:"deals_emptied,omitempty"` // of these, the deals that are left without any stakeholder
	First   []string `json:"first,omitempty"`         // the first few, in words
	Warning string   `json:"warning,omitempty"`       // what people should know before they agree
}

// String returns what the run is about to do, such as "take 3 contacts off 2 deals: Ada Okafor off Northwind renewal,
// and 2 more".
func (d *Deletions) String() string {
	text := "delete " + Plural(d.Count, d.Of)
	if d.Deals > 0 {
		text = "take " + Plural(d.Count, d.Of) + " off " + Plural(d.Deals, "deal")
	}
	if len(d.First) > 0 {
		text += ": " + strings.Join(d.First, ", ")
		if more := d.Count - int64(len(d.First)); more > 0 {
			text += " and " + Count(more) + " more"
		}
	}
	if d.Emptied > 0 {
		text += "; without any stakeholder afterwards: " + Plural(d.Emptied, "deal")
	}
	if d.Warning != "" {
		text += "; " + d.Warning
	}
	return Printable(text)
}

// Preview is what a dry run would change.
type Preview struct {
	Added   int64    `json:"added"`
	Updated int64    `json:"updated"`
	Removed int64    `json:"removed"`
	Unknown int64    `json:"unknown,omitempty"` // rows of deals that could not be read
	List    []Change `json:"list"`              // the first ShownChanges, in the order of the rows
}

// ShownChanges is the most changes that a dry run lists. A result table has all of them.
const ShownChanges = 50

// Change is one change of a dry run. A name that is not known is "".
type Change struct {
	Row       int64  `json:"row"`
	Do        string `json:"do"` // a value of Change.Do
	DealID    string `json:"deal_id"`
	Deal      string `json:"deal,omitempty"`
	ContactID string `json:"contact_id"`
	Contact   string `json:"contact,omitempty"`
	Role      string `json:"role,omitempty"`       // the role afterwards
	PriorRole string `json:"prior_role,omitempty"` // the role now
}

// The values of Change.Do.
const (
	AddContact    = "add"
	UpdateContact = "update"
	RemoveContact = "remove"
)

// String returns the change as one line for people.
func (c Change) String() string {
	who := cmp.Or(c.Contact, c.ContactID) + " on " + cmp.Or(c.Deal, c.DealID)
	switch {
	case c.Do == UpdateContact:
		return "~ " + who + " " + cmp.Or(c.PriorRole, "(no role)") + " -> " + c.Role
	case c.Do == AddContact:
		return "+ " + who + " as " + c.Role
	case c.PriorRole == "":
		return "- " + who
	}
	return "- " + who + " as " + c.PriorRole
}

// writeText writes the changes, each on its own line.
func (c *Preview) writeText(w io.Writer) {
	counts := notZero(part{c.Added, "to add"}, part{c.Updated, "to update"}, part{c.Removed, "to remove"},
		part{c.Unknown, "on deals that could not be read"})
	if len(counts) == 0 {
		counts = []string{"none"}
	}
	_ = Printf(w, "  changes  %s\n", strings.Join(counts, ", "))
	for _, one := range c.List {
		_ = Printf(w, "    %s\n", one)
	}
	if more := c.Added + c.Updated + c.Removed - int64(len(c.List)); more > 0 {
		_ = Printf(w, "    and %s more: --results FILE writes all of them\n", Count(more))
	}
}

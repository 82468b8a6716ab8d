package report

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
)

// Deletions is what a run takes away. The user must agree before the first write.
type Deletions struct {
	Count   int64    `json:"count"`
	AtMost  bool     `json:"at_most,omitempty"`       // Count is an upper limit, because nothing was read yet
	Of      string   `json:"of"`                      // what is taken away: "contact", "role"
	Deals   int64    `json:"deals,omitempty"`         // the deals that contacts are taken off
	Emptied int64    `json:"deals_emptied,omitempty"` // of these, the deals that are left without any stakeholder
	First   []string `json:"first,omitempty"`         // the first few, in words
	Warning string   `json:"warning,omitempty"`       // what people should know before they agree
}

// String returns what the run would do, such as "take 3 contacts off 2 deals (Ada Okafor off Northwind renewal and 2
// more)".
func (d *Deletions) String() string {
	text := "delete " + Plural(d.Count, d.Of)
	if d.AtMost {
		text = "delete at most " + Plural(d.Count, d.Of)
	}
	if d.Deals > 0 {
		text = "take " + Plural(d.Count, d.Of) + " off " + Plural(d.Deals, "deal")
	}
	if len(d.First) > 0 {
		text += " (" + strings.Join(d.First, ", ")
		if more := d.Count - int64(len(d.First)); more > 0 {
			text += " and " + Count(more) + " more"
		}
		text += ")"
	}
	if d.Emptied > 0 {
		text += " and leave " + Plural(d.Emptied, "deal") + " without any stakeholder"
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

	Written      int64 `json:"written,omitempty"`       // records to add or update: the run does not read them first
	ChangedSince int64 `json:"changed_since,omitempty"` // rows not sent, because somebody changed the contact since
	Conflicts    int64 `json:"conflicts,omitempty"`     // rows not sent: the file and somebody else changed the contact
	Stay         int64 `json:"stay,omitempty"`          // contacts that the file no longer names and that stay
	Cleared      int64 `json:"cleared,omitempty"`       // contacts that stay although the file has no role for them
	ByDeal       bool  `json:"by_deal,omitempty"`       // List is in the order of the deals
}

// ShownChanges is the most rows that a dry run lists. A result table has all of them.
const ShownChanges = 50

// Change is one change of a dry run. A name that is not known is "".
type Change struct {
	Row       int64  `json:"row"`
	Do        string `json:"do"` // AddContact and the like
	DealID    string `json:"deal_id"`
	Deal      string `json:"deal,omitempty"`
	ContactID string `json:"contact_id"`
	Contact   string `json:"contact,omitempty"`
	Role      string `json:"role,omitempty"`       // the role afterwards
	PriorRole string `json:"prior_role,omitempty"` // the role now
	Now       string `json:"now,omitempty"`        // of LeaveContact: how the contact or record is now, in words

	RecordID string                     `json:"record_id,omitempty"` // of a run over records; "": a new record
	Was      map[string]json.RawMessage `json:"was,omitempty"`       // the values of a record that change; of a deletion its name
	Set      map[string]json.RawMessage `json:"set,omitempty"`       // the values afterwards
}

// The values of Change.Do.
const (
	AddContact    = "add"
	UpdateContact = "update"
	RemoveContact = "remove"
	LeaveContact  = "changed_since" // the contact stays as it is, because somebody changed it since
	WriteRecord   = "write"         // add or update: the run does not read the record first

	StayContact     = "stay"     // the contact stays on the deal, although the file does not name the contact
	ClearedContact  = "cleared"  // the contact stays on the deal as it is, although its role was cleared in the file
	ConflictContact = "conflict" // the contact stays as it is, because the file and somebody else changed it
)

// String returns the change as one line for people.
func (c Change) String() string {
	if c.DealID == "" {
		return c.recordText()
	}
	return c.text(" on " + cmp.Or(c.Deal, c.DealID))
}

// text returns the change of a contact. where follows the contact's name.
func (c Change) text(where string) string {
	who := cmp.Or(c.Contact, c.ContactID) + where
	switch {
	case c.Do == UpdateContact:
		return "~ " + who + " " + cmp.Or(c.PriorRole, "(no role)") + " -> " + c.Role
	case c.Do == AddContact:
		return "+ " + who + " as " + c.Role
	case c.Do == LeaveContact:
		return "! " + who + ": CHANGED_SINCE, now " + c.Now
	case c.Do == ConflictContact:
		return "! " + who + ": CONFLICT, the file wants " + cmp.Or(c.Role, "the contact off the deal") +
			", now " + c.Now
	case c.Do == ClearedContact:
		return "! " + who + ": ROLE_CLEARED, stays on the deal; in the file it was " +
			cmp.Or(c.PriorRole, "another role")
	case c.Do == StayContact:
		return "= " + who + ": " + c.Now
	case c.PriorRole == "":
		return "- " + who
	}
	return "- " + who + " as " + c.PriorRole
}

// recordText returns the change of a record as one line for people.
func (c Change) recordText() string {
	if c.Do == LeaveContact {
		return "! " + c.RecordID + ": CHANGED_SINCE, now " + c.Now
	}
	sign := map[string]string{AddContact: "+", UpdateContact: "~", RemoveContact: "-", WriteRecord: "+~"}[c.Do]
	words := []string{sign}
	if c.Do != WriteRecord {
		words = append(words, cmp.Or(c.RecordID, "a new record"))
	}
	shown := c.Set
	if c.Do == RemoveContact {
		shown = c.Was
	}
	for _, name := range slices.Sorted(maps.Keys(shown)) {
		words = append(words, name)
		if was, changed := c.Was[name]; changed && c.Do == UpdateContact {
			words = append(words, string(was), "->")
		}
		words = append(words, string(shown[name]))
	}
	return strings.Join(words, " ")
}

// writeText writes the changes, each on its own line. rest says how to get the changes that it does not list.
func (c *Preview) writeText(w io.Writer, rest string) {
	counts := notZero(part{c.Added, "to add"}, part{c.Updated, "to update"}, part{c.Removed, "to remove"},
		part{c.Written, "to add or update"}, part{c.Unknown, "on deals that could not be read"})
	if len(counts) == 0 {
		counts = []string{"none"}
	}
	counts = append(counts, notZero(part{c.ChangedSince, "CHANGED_SINCE and not touched"},
		part{c.Conflicts, "in CONFLICT and not touched"},
		part{c.Stay, "to stay although the file does not name them"},
		part{c.Cleared, "to stay although their role is cleared"})...)
	_ = Printf(w, "  changes  %s\n", strings.Join(counts, ", "))
	for i, one := range c.List {
		text := one.String()
		if c.ByDeal {
			if i == 0 || c.List[i-1].DealID != one.DealID {
				_ = Printf(w, "    %s\n", strings.TrimSpace(one.Deal+" ("+one.DealID+")"))
			}
			text = "  " + one.text("")
		}
		_ = Printf(w, "    %s\n", text)
	}
	if more := c.Added + c.Updated + c.Removed + c.Written + c.ChangedSince + c.Conflicts + c.Stay + c.Cleared -
		int64(len(c.List)); more > 0 {
		_ = Printf(w, "    and %s more: %s all of them\n", Count(more), rest)
	}
}

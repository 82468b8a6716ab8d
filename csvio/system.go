package csvio

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"rolecall/csvio/alike"
)

// system is another CRM whose tables are recognised by their headers. The names of columns are compared with the case
// folded, but with their spaces and signs: "Deal - ID" is Pipedrive's, and "Deal Id" is Zoho's.
type system struct {
	name  string // for people
	topic string // of the manual
	// is reports whether a header is the system's. sure reports whether its columns of ids certainly hold no id of
	// Zoho's.
	is func(h header) (is, sure bool)
	// deal and contact are the columns of ids, in the order in which to look for them.
	deal, contact []string
	// digits is the most digits of the system's ids, if they are numbers. It helps with a table that may be Zoho's.
	digits int
}

// header is the column names of a table that are compared with those of other systems.
type header struct {
	names  []string // as they are, trimmed
	folded []string // with the case folded
}

func (h header) has(names ...string) bool {
	for _, name := range names {
		if !slices.Contains(h.folded, name) {
			return false
		}
	}
	return true
}

// any reports whether a column begins with one of the prefixes.
func (h header) any(prefixes ...string) bool {
	return slices.ContainsFunc(h.folded, func(name string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
	})
}

// systems returns the systems that are recognised. The first one that fits counts.
func systems() []system {
	return []system{
		{
			// Microsoft Dynamics 365. A static or dynamic worksheet has hidden columns "(Do Not Modify) ..." (Microsoft
			// Learn, "Export to Excel"). The other names are logical names of Dataverse, in lower case (Microsoft
			// Learn, table reference: Opportunity, Contact, Connection with record1id and record2id; the Web API calls
			// a lookup _record1id_value).
			name: "Microsoft Dynamics", topic: "dynamics",
			is: func(h header) (is, sure bool) {
				lower := slices.Contains(h.names, "opportunityid") && slices.Contains(h.names, "contactid")
				is = h.any("(do not modify) ") || lower && !h.has("isprimary") || h.has("record1id", "record2id") ||
					h.any("_record1id_value")
				return is, is
			},
			deal:    []string{"(do not modify) opportunity", "opportunityid", "record1id", "_record1id_value"},
			contact: []string{"(do not modify) contact", "contactid", "record2id", "_record2id_value"},
		},
		{
			// Salesforce (Object Reference, OpportunityContactRole: OpportunityId, ContactId, Role, IsPrimary; Data
			// Loader writes them in capitals). A report has the labels (Field Reference, OpportunityContactRole:
			// "Opportunity ID", "Contact ID"); people give such a column Zoho's ids too, so only the ids can tell.
			name: "Salesforce", topic: "salesforce",
			is: func(h header) (is, sure bool) {
				sure = h.has("opportunityid", "contactid")
				return sure || h.has("opportunity id", "contact id"), sure
			},
			deal: []string{"opportunityid", "opportunity id"}, contact: []string{"contactid", "contact id"},
		},
		{
			// Pipedrive names the object before each column (Pipedrive Knowledge Base, "Exporting data from Pipedrive"
			// and "Importing followers and participants": Deal - Title, Deal - ID, Person - Name, Person - ID).
			name: "Pipedrive", topic: "pipedrive",
			is: func(h header) (is, sure bool) {
				is = h.any("deal - ", "person - ", "organization - ", "organisation - ")
				return is, is
			},
			deal: []string{"deal - id", "deal id"}, contact: []string{"person - id", "person id"},
		},
		{
			// HubSpot (HubSpot Knowledge Base, "Export your records": Record ID and, for each associated object,
			// "Associated Contact" and "Associated Contact IDs"). Zoho's own export has a Record Id too, but it has
			// the ids of lookups in columns that end in .id, and neither of these names.
			name: "HubSpot", topic: "hubspot",
			is: func(h header) (is, sure bool) {
				if slices.ContainsFunc(h.folded, func(name string) bool { return strings.HasSuffix(name, ".id") }) {
					return false, false
				}
				sure = h.any("associated contact", "associated deal", "associated company", "associated ticket") ||
					h.has("record id", "deal stage") || h.has("record id", "lifecycle stage") ||
					h.has("record id", "close date")
				return sure || h.has("record id", "contact id"), sure
			},
			deal:    []string{"associated deal ids", "deal id", "record id"},
			contact: []string{"associated contact ids", "contact id", "record id"},
			// HubSpot counts its ids up, and those seen have at most 12 digits. Those in Zoho's documents have at least 15
			// (leastIDDigits).
			digits: 14,
		},
	}
}

// systemOf returns the system that a header is of, or nil. sure is that of system.is.
func systemOf(names []string) (s *system, sure bool) {
	h := header{}
	for _, name := range names {
		if len(name) <= mostFolded {
			h.names = append(h.names, alike.Shown(name))
			h.folded = append(h.folded, alike.Key(name))
		}
	}
	for _, one := range systems() {
		if is, sure := one.is(h); is {
			return &one, sure
		}
	}
	return nil, false
}

// owns reports whether a column has ids of the system.
func (s *system) owns(name string) bool {
	name = alike.Key(name)
	return slices.Contains(s.deal, name) || slices.Contains(s.contact, name)
}

// mapped returns mapped with the system's columns for those of the fields that the user did not name.
func (s *system) mapped(names []string, mapped map[Field]string, fields []Field) map[Field]string {
	found := map[Field]string{}
	for f, known := range map[Field][]string{DealID: s.deal, ContactID: s.contact} {
		for _, name := range known {
			i := slices.IndexFunc(names, func(have string) bool { return alike.Key(have) == name })
			if i >= 0 {
				found[f] = names[i]
				break
			}
		}
	}
	if found[DealID] == found[ContactID] { // the table is of one object, and has no column for the other
		return mapped
	}
	all := map[Field]string{}
	for _, f := range fields {
		if found[f] != "" {
			all[f] = found[f]
		}
	}
	maps.Copy(all, mapped)
	return all
}

// refusal returns the error for a table of the system with these columns. command is what the user typed.
func (s *system) refusal(names []string, command string) *FileError {
	var own []string
	for _, name := range names {
		if s.owns(name) {
			own = append(own, shown(name))
		}
	}
	e := s.error(command)
	if len(own) > 0 {
		e.Problem += " in " + strings.Join(own, " and ")
	}
	return e
}

// error returns the error for a table with ids of the system.
func (s *system) error(command string) *FileError {
	return &FileError{
		Problem: fmt.Sprintf("this is a table of %s, and Zoho does not know its ids", s.name),
		Hint:    externalIDs(command) + "; rolecall help " + s.topic + " has the whole way",
		System:  s.name,
	}
}

// externalIDs returns how the user goes on with a table of ids that are not Zoho's.
func externalIDs(command string) string {
	return "give " + strings.TrimSpace(command+" --external-id deal=FIELD,contact=FIELD") +
		", with the fields in Zoho that hold these ids"
}

// Like returns the name of the other CRM that the table may be of, by its header. The ids show whether it is. Like
// returns "" if the header is of no other CRM, or certainly of one.
func (r *Reader) Like() string {
	if r.cols == nil || r.cols.other == nil || r.cols.sure {
		return ""
	}
	return r.cols.other.name
}

// ForeignIDs returns a sentence about columns with ids of another CRM, or "". rolecall does not read these columns: the
// rows name their deals and contacts in others.
func (r *Reader) ForeignIDs() string {
	if r.cols == nil || r.cols.other == nil {
		return ""
	}
	var names []string
	for _, i := range r.cols.own {
		if r.cols.sure && r.cols.other.owns(r.cols.all[i]) && !slices.Contains(r.cols.at, i) {
			names = append(names, shown(r.cols.all[i]))
		}
	}
	if names == nil {
		return ""
	}
	return fmt.Sprintf("this is a table of %s: the ids in %s are not Zoho's, and are not read",
		r.cols.other.name, strings.Join(names, " and "))
}

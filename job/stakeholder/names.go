package stakeholder

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"rolecall/api"
)

// onDeal is a contact on a deal. name is the contact's name if the list of the deal's contacts has it, else "".
type onDeal struct{ deal, contact, name string }

// names are the names of deals and contacts, by their ids. A name that is not known is missing.
type names struct{ deals, contacts map[string]string }

// deal and contact return a name, or the id if the name is not known.
func (n names) deal(id string) string   { return cmp.Or(n.deals[id], "deal "+id) }
func (n names) contact(p onDeal) string { return cmp.Or(n.contacts[p.contact], "contact "+p.contact) }

// lookUp returns the names of some contacts and their deals. It queries Zoho, in bulk, for the names that are not known
// yet. The names are only for messages, so an error of the query leaves them out.
func (w *work) lookUp(ctx context.Context, people []onDeal) names {
	n := names{map[string]string{}, map[string]string{}}
	var deals, contacts []string
	for _, p := range people {
		deals = append(deals, p.deal)
		if p.name != "" {
			n.contacts[p.contact] = p.name
		}
	}
	for _, p := range people {
		if p.contact != "" && n.contacts[p.contact] == "" {
			contacts = append(contacts, p.contact)
		}
	}
	w.ask(ctx, "Deals", "Deal_Name", deals, n.deals)
	w.ask(ctx, "Contacts", "Full_Name", contacts, n.contacts)
	return n
}

// ask adds the names of some records of a module (Zoho CRM API v8, Get Records through a COQL Query).
func (w *work) ask(ctx context.Context, module, field string, ids []string, into map[string]string) {
	slices.Sort(ids)
	for some := range slices.Chunk(slices.Compact(ids), w.org.Version.MostInQuery()) {
		query := fmt.Sprintf("select %s from %s where id in ('%s') limit %d",
			field, module, strings.Join(some, "','"), len(some))
		page, err := w.zoho.Query(ctx, query, len(some))
		if err != nil {
			return
		}
		for _, r := range page.Records {
			if name := text(r.Fields[field]); name != "" {
				into[r.ID] = name
			}
		}
	}
}

// namesOf returns the names of a deal's contacts by their ids, as far as Zoho sent them.
func namesOf(contacts []api.DealContact) map[string]string {
	names := map[string]string{}
	for _, c := range contacts {
		if name := text(c.Fields["Full_Name"]); name != "" {
			names[c.ID] = name
		}
	}
	return names
}

// text returns a JSON text, or "" for anything else.
func text(raw json.RawMessage) (s string) {
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

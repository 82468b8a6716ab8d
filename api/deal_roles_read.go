package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// DealContact is a contact on a deal.
type DealContact struct {
	ID     string                     // the contact's
	Role   RoleRef                    // up to v3 only one of id and name; empty where Zoho has none
	Fields map[string]json.RawMessage // all else Zoho sent, by API name
}

const (
	// defaultField is asked for when no other is: fields is mandatory from v3 on
	// (Zoho CRM API v3, Get Contact Roles of a Specific Deal).
	defaultField = "Full_Name"
	// lastPagedRow: beyond it a page is named by a token, not by its number
	// (Zoho CRM API v7, Get Related Records).
	lastPagedRow = 2000
)

// DealContactRoles gives the contacts on a deal, with the fields of each that
// are named by their API names; none if there are none. It costs a credit for
// each page. A refusal or failure is an *Error.
//
// Zoho CRM API v8, Get Contact Roles of a Specific Deal.
func (c *Client) DealContactRoles(ctx context.Context, deal string, fields ...string) ([]DealContact, error) {
	path, err := contactRoles(deal)
	if err != nil {
		return nil, notSent(err)
	}
	return c.allPages(ctx, path, fieldsQuery(fields))
}

// DealContactRolesByIDs does the same for the contacts named; those that are
// not on the deal are left out. It costs a credit for each hundred.
func (c *Client) DealContactRolesByIDs(ctx context.Context, deal string, contacts []string, fields ...string) ([]DealContact, error) {
	path, err := contactRoles(deal)
	if err != nil {
		return nil, notSent(err)
	}
	var all []DealContact
	for part := range slices.Chunk(contacts, mostIDs) {
		ids, err := joinIDs(part)
		if err != nil {
			return nil, notSent(err)
		}
		some, err := c.allPages(ctx, path, "ids="+ids+"&"+fieldsQuery(fields))
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// DealContactRole gives one contact on a deal; false if it is not on it.
func (c *Client) DealContactRole(ctx context.Context, deal, contact string, fields ...string) (DealContact, bool, error) {
	path, err := contactRole(deal, contact)
	if err != nil {
		return DealContact{}, false, notSent(err)
	}
	r, k, failed := c.do(ctx, request{method: http.MethodGet, path: path, query: fieldsQuery(fields), due: dueData})
	if failed != nil {
		return DealContact{}, false, failed
	}
	found, err := decodeContacts(r.list)
	if err != nil {
		return DealContact{}, false, k.unreadable(r, err)
	}
	if len(found) == 0 {
		return DealContact{}, false, nil
	}
	if i := slices.IndexFunc(found, func(d DealContact) bool { return d.ID == contact }); i >= 0 {
		return found[i], true, nil
	}
	return DealContact{}, false, k.unreadable(r, errors.New("the answer is about another contact"))
}

// allPages follows more_records: the page sizes of Zoho's documents differ (100
// and 200), and none is promised.
func (c *Client) allPages(ctx context.Context, path, query string) ([]DealContact, error) {
	var all []DealContact
	seen := map[string]bool{}
	next := ""
	for page := 1; ; page++ {
		r, k, failed := c.do(ctx, request{method: http.MethodGet, path: path, query: query + next, due: dueData})
		if failed != nil {
			return nil, failed
		}
		some, err := decodeContacts(r.list)
		if err != nil {
			return nil, k.unreadable(r, err)
		}
		before := len(all)
		for _, d := range some {
			// The list may shift between two pages; a contact is on it once.
			if !seen[d.ID] {
				seen[d.ID] = true
				all = append(all, d)
			}
		}
		if r.info == nil || !r.info.MoreRecords {
			return all, nil
		}
		if len(all) == before {
			return nil, k.unreadable(r, fmt.Errorf("page %d brings nothing new, and more is said to follow", page))
		}
		next = nextPage(page, len(all), r.info)
	}
}

func nextPage(page, rows int, info *pageInfo) string {
	if rows >= lastPagedRow && info.NextPageToken != "" {
		return "&page_token=" + url.QueryEscape(string(info.NextPageToken))
	}
	return "&page=" + strconv.Itoa(page+1)
}

func fieldsQuery(fields []string) string {
	if len(fields) == 0 {
		return "fields=" + defaultField
	}
	escaped := make([]string, len(fields))
	for i, f := range fields {
		escaped[i] = url.QueryEscape(f)
	}
	return "fields=" + strings.Join(escaped, ",")
}

// decodeContacts reads the records of a read; none from an empty list.
func decodeContacts(list json.RawMessage) ([]DealContact, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var records []map[string]json.RawMessage
	if err := json.Unmarshal(list, &records); err != nil {
		return nil, notJSON(err)
	}
	contacts := make([]DealContact, len(records))
	for i, fields := range records {
		var id text
		if json.Unmarshal(fields["id"], &id) != nil || id == "" {
			return nil, fmt.Errorf("record %d has no id", i+1)
		}
		role, err := decodeRole(fields["Contact_Role"])
		if err != nil {
			return nil, fmt.Errorf("contact %s: %w", id, err)
		}
		delete(fields, "id")
		delete(fields, "Contact_Role")
		contacts[i] = DealContact{ID: string(id), Role: role, Fields: fields}
	}
	return contacts, nil
}

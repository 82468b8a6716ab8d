package emulator

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// perPage is the default and the most rows of a page. Zoho CRM API v7, Get
// Related Records.
const perPage = 200

// pageInfo is "info" as Zoho's sample shows it. The contact roles of a deal
// have no page tokens here.
type pageInfo struct {
	PerPage           int     `json:"per_page"`
	Count             int     `json:"count"`
	Page              int     `json:"page"`
	MoreRecords       bool    `json:"more_records"`
	NextPageToken     *string `json:"next_page_token"`
	PreviousPageToken *string `json:"previous_page_token"`
	PageTokenExpiry   *string `json:"page_token_expiry"`
}

// dealOf reads the deal in the path.
func (e *Emulator) dealOf(c *call) (id, error) {
	deal, isID := parseID(c.ids[0])
	if !isID || !e.store.view(moduleDeals).has(deal) {
		return 0, invalidDeal()
	}
	return deal, nil
}

// contactOf reads the contact in the path.
func (e *Emulator) contactOf(c *call) (id, error) {
	contact, isID := parseID(c.ids[1])
	if !isID || !e.store.base.hasContact(contact) {
		return 0, invalidContact()
	}
	return contact, nil
}

// getDealRoles lists a deal's contacts. Zoho CRM API, Get Contact Roles of a
// Specific Deal; its paging is that of Get Related Records.
func (e *Emulator) getDealRoles(c *call) (answer, error) {
	query := c.query()
	fields, err := fieldsOf(query, c.version.needsFields())
	if err != nil {
		return answer{}, err
	}
	deal, err := e.dealOf(c)
	if err != nil {
		return answer{}, err
	}
	wanted, filtered, err := c.idList()
	if err != nil {
		return answer{}, err
	}
	info, err := c.page(query)
	if err != nil {
		return answer{}, err
	}
	relations, p := e.store.deal(deal)
	rows := slices.Clone(relations)
	if filtered {
		rows = slices.DeleteFunc(rows, func(r relation) bool { return !slices.Contains(wanted, r.contact.String()) })
	}
	// By id, descending by default. Relations have no times here: sort_by
	// Created_Time and Modified_Time give the same order.
	if query.Get("sort_order") != "asc" {
		slices.Reverse(rows)
	}
	rows = cutPage(&info, rows)
	if len(rows) == 0 {
		return noContent(), nil
	}
	return e.writeRows(c, rows, &p, fields, &info)
}

// getDealRole gives one contact of a deal, without info. Newer documents ask
// for fields here, the SDKs send none: it is answered.
func (e *Emulator) getDealRole(c *call) (answer, error) {
	fields, err := fieldsOf(c.query(), false)
	if err != nil {
		return answer{}, err
	}
	deal, contact, err := e.relationOf(c)
	if err != nil {
		return answer{}, err
	}
	relations, p := e.store.deal(deal)
	at, there := slices.BinarySearchFunc(relations, relation{contact: contact}, byContact)
	if !there {
		return noContent(), nil
	}
	return e.writeRows(c, relations[at:at+1], &p, fields, nil)
}

// fieldsOf reads fields=a,b; nil is all there are. Names that are no fields
// are passed over.
func fieldsOf(query url.Values, needed bool) ([]string, error) {
	var fields []string
	for part := range strings.SplitSeq(query.Get("fields"), ",") {
		if part = strings.TrimSpace(part); part != "" {
			fields = append(fields, part)
		}
	}
	if len(fields) == 0 && needed {
		return nil, paramMissing("fields")
	}
	return fields, nil
}

// page reads page and per_page.
func (c *call) page(query url.Values) (pageInfo, error) {
	info := pageInfo{PerPage: perPage, Page: 1}
	if c.composed {
		info.PerPage = composedPage
	}
	most := info.PerPage
	for name, target := range map[string]*int{"page": &info.Page, "per_page": &info.PerPage} {
		value := query.Get(name)
		if value == "" {
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			return info, bad("INVALID_DATA", "invalid data", details{ParamName: name, ExpectedDataType: "integer"})
		}
		*target = n
	}
	if info.PerPage > most && c.composed {
		return info, bad("LIMIT_EXCEEDED", "limit exceeded", details{By: "per_page", Limit: json.RawMessage(strconv.Itoa(most))})
	}
	if info.PerPage > most {
		return info, bad("LIMIT_EXCEEDED", "limit exceeded", details{ParamName: "per_page", Limit: json.RawMessage(`"200"`)})
	}
	return info, nil
}

// cutPage gives the rows of this page and fills in the rest of info.
func cutPage[T any](info *pageInfo, rows []T) []T {
	// In this order nothing overflows, whatever page was asked for.
	if info.Page-1 > len(rows)/info.PerPage {
		return nil
	}
	from := min((info.Page-1)*info.PerPage, len(rows))
	to := min(from+info.PerPage, len(rows))
	info.Count, info.MoreRecords = to-from, to < len(rows)
	return rows[from:to]
}

// writeRows encodes contacts of a deal: id and Contact_Role come always, the
// rest as asked.
func (e *Emulator) writeRows(c *call, rows []relation, p *picklist, fields []string, info *pageInfo) (answer, error) {
	return writeList(len(rows), func(b *bytes.Buffer, i int) {
		b.WriteString(`{"Contact_Role":`)
		role, _ := p.byID(rows[i].role, true)
		if c.version.rolesAreObjects() {
			b.WriteString(`{"name":`)
			b.Write(text(role.name))
			b.WriteString(`,"id":"` + role.id.String() + `"},`)
		} else {
			b.WriteString(`"` + role.id.String() + `",`)
		}
		writeRecord(b, e.store.base, moduleContacts, rows[i].contact, fields, "Contact_Role")
	}, info)
}

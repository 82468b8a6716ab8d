package emulator

import (
	"cmp"
	"slices"
	"time"
)

// deleteDeals deletes up to 100 deals, each with its own outcome. Zoho CRM API
// v7, Delete Records.
func (e *Emulator) deleteDeals(c *call) (answer, error) {
	return byIDs(c, e.removeDeals)
}

// byIDs hands what the parameter ids names to a deletion.
func byIDs(c *call, remove func(list []string) (answer, error)) (answer, error) {
	list, given, err := c.idList()
	switch {
	case err != nil:
		return answer{}, err
	case !given:
		return answer{}, paramMissing("ids")
	}
	return remove(list)
}

// deleteDeal deletes the deal in the path.
func (e *Emulator) deleteDeal(c *call) (answer, error) { return e.removeDeals(c.ids) }

func (e *Emulator) removeDeals(list []string) (answer, error) {
	deals := make([]id, len(list))
	for i, text := range list {
		deals[i], _ = parseID(text) // 0 is no deal
	}
	done, err := e.store.delete(deals, e.gate.now())
	if err != nil {
		return answer{}, err
	}
	results := make([]result, len(list))
	for i, text := range list {
		if done[i] {
			results[i] = success(text, "record deleted")
		} else {
			results[i] = failure("INVALID_DATA", "record not deleted", details{ID: text})
		}
	}
	return itemised("data", results)
}

// Zoho CRM API v7, Get List of Deleted Records, Note: how long deleted records
// are in the recycle bin, and how long they are listed.
const (
	inRecycleBin  = 60 * 24 * time.Hour
	listedDeleted = 120 * 24 * time.Hour
)

// deletedRecord is a row of that list. A record that is gone from the recycle
// bin has no names, as in the page's sample.
type deletedRecord struct {
	DeletedBy   *nameText `json:"deleted_by"`
	ID          id        `json:"id"`
	DisplayName *string   `json:"display_name"`
	Type        string    `json:"type"`
	CreatedBy   *nameText `json:"created_by"`
	DeletedTime string    `json:"deleted_time"`
}

type nameText struct {
	Name string `json:"name"`
	ID   string `json:"id"`
}

type deletedAnswer struct {
	Data []deletedRecord `json:"data"`
	Info *plainInfo      `json:"info"`
}

func (e *Emulator) getDeletedDeals(c *call) (answer, error) {
	return e.getDeleted(c, e.store.view(moduleDeals).gone)
}

// getDeletedContacts has nothing to list: contacts cannot be deleted here.
func (e *Emulator) getDeletedContacts(c *call) (answer, error) { return e.getDeleted(c, nil) }

// getDeleted lists what was deleted, the latest first, as in the sample.
func (e *Emulator) getDeleted(c *call, gone []deletion) (answer, error) {
	query := c.query()
	kind := cmp.Or(query.Get("type"), "all")
	if !slices.Contains([]string{"all", "recycle", "permanent"}, kind) {
		// Inside data, as in the OpenAPI v8.0.
		return itemised("data", []result{failure("PATTERN_NOT_MATCHED", "Please check whether the input values are correct", details{ParamName: "type"})})
	}
	since, err := c.modifiedSince()
	if err != nil {
		return answer{}, err
	}
	info, err := c.page(query)
	if err != nil {
		return answer{}, err
	}
	rows := e.deletedRecords(gone, kind, since)
	if since != nil && len(rows) == 0 {
		return notModified(), nil
	}
	rows = cutPage(&info, rows)
	if len(rows) == 0 {
		return noContent(), nil
	}
	return ok(deletedAnswer{Data: rows, Info: info.plain()})
}

func (e *Emulator) deletedRecords(gone []deletion, kind string, since *int64) []deletedRecord {
	gone = slices.Clone(gone)
	slices.SortFunc(gone, func(x, y deletion) int { return cmp.Or(cmp.Compare(y.At, x.At), cmp.Compare(y.ID, x.ID)) })
	now := e.gate.now()
	var rows []deletedRecord
	for _, d := range gone {
		age := now.Sub(time.Unix(d.At, 0))
		row := deletedRecord{ID: d.ID, Type: "permanent", DeletedTime: timeText(d.At)}
		if age < inRecycleBin {
			name, _ := e.store.base.field(moduleDeals, d.ID, "Deal_Name")
			text, _ := unquote(name)
			who := nameText{userName, userID}
			row.Type, row.DisplayName, row.DeletedBy, row.CreatedBy = "recycle", &text, &who, &who
		}
		if age >= listedDeleted || kind != "all" && kind != row.Type || since != nil && d.At <= *since {
			continue
		}
		rows = append(rows, row)
	}
	return rows
}

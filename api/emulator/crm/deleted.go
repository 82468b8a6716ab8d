package crm

import (
	"cmp"
	"slices"
	"time"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// longestIDs is the most characters in the parameter ids of Delete Records. OpenAPI v8.0 (3.1). The code and the
// details of the refusal are inferred.
const longestIDs = 1024

// deleteRecords deletes up to 100 records. Each has its own result. Zoho CRM API v7, Delete Records.
func (a *API) deleteRecords(c *wire.Call, m org.Module) (wire.Answer, error) {
	ids, err := mandatoryIDs(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if len(c.Query().Get("ids")) > longestIDs {
		wrong := wire.InvalidParam("ids", "")
		wrong.Result.Details.MaximumLength = longestIDs
		return wire.Answer{}, wrong
	}
	return a.remove(m, ids)
}

// deleteRecord deletes the record in the path.
func (a *API) deleteRecord(c *wire.Call, m org.Module) (wire.Answer, error) {
	return a.remove(m, c.IDs)
}

func (a *API) remove(m org.Module, ids []string) (wire.Answer, error) {
	done, err := a.store.Delete(m, org.ParseIDs(ids), a.Now())
	if err != nil {
		return wire.Answer{}, err
	}
	return wire.Outcomes("data", ids, done, "record deleted", "record not deleted")
}

// mandatoryIDs reads the parameter ids of a deletion.
func mandatoryIDs(c *wire.Call) ([]string, error) {
	ids, given, err := c.ReadIDs()
	if err == nil && !given {
		err = wire.ParamMissing("ids")
	}
	return ids, err
}

// listedDeleted is how long a deleted record is in the list. Zoho CRM API v7, Get List of Deleted Records, Note.
const listedDeleted = 120 * 24 * time.Hour

// deletedRecord is a row of that list. A record that left the recycle bin has no names, as in the page's sample.
type deletedRecord struct {
	DeletedBy   *userRef `json:"deleted_by"`
	ID          org.ID   `json:"id"`
	DisplayName *string  `json:"display_name"`
	Type        string   `json:"type"`
	CreatedBy   *userRef `json:"created_by"`
	DeletedTime string   `json:"deleted_time"`
}

type userRef struct {
	Name string `json:"name"`
	ID   string `json:"id"`
}

// getDeleted lists the deleted records of a module, the latest first, as in the sample.
func (a *API) getDeleted(c *wire.Call, m org.Module) (wire.Answer, error) {
	kind := cmp.Or(c.Query().Get("type"), "all")
	if !slices.Contains([]string{"all", "recycle", "permanent"}, kind) {
		// Inside data, as in the OpenAPI v8.0.
		return wire.Results("data", []wire.Result{wire.Failure("PATTERN_NOT_MATCHED",
			"Please check whether the input values are correct", wire.Details{ParamName: "type"})})
	}
	since, err := wire.ModifiedSince(c)
	if err != nil {
		return wire.Answer{}, err
	}
	info, err := wire.ReadPage(c)
	if err != nil {
		return wire.Answer{}, err
	}
	rows := a.deletedRecords(m, kind, since)
	if since != nil && len(rows) == 0 {
		return wire.NotModified(), nil
	}
	rows = wire.CutPage(&info, rows)
	if len(rows) == 0 {
		return wire.NoContent(), nil
	}
	return wire.OK(map[string]any{"data": rows, "info": info.PlainInfo})
}

func (a *API) deletedRecords(m org.Module, kind string, since *int64) (rows []deletedRecord) {
	deleted := slices.SortedFunc(slices.Values(a.store.View(m).Deleted()), func(x, y org.Deletion) int {
		return cmp.Or(cmp.Compare(y.At, x.At), cmp.Compare(y.ID, x.ID))
	})
	for _, d := range deleted {
		age := a.Now().Sub(time.Unix(d.At, 0))
		row := deletedRecord{ID: d.ID, Type: "permanent", DeletedTime: org.TimeText(d.At)}
		if age < org.InBin && !d.Purged {
			text := a.store.Row(m, d.ID).Name()
			user := userRef{org.UserName(), org.UserID}
			row.Type, row.DisplayName, row.DeletedBy, row.CreatedBy = "recycle", &text, &user, &user
		}
		if age >= listedDeleted || kind != "all" && kind != row.Type || since != nil && d.At <= *since {
			continue
		}
		rows = append(rows, row)
	}
	return rows
}

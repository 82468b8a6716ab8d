package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
)

// RecordWrite is a record as a write sends it: its fields by API name, and "id" for an update. A field that is not in
// it does not change; null clears a field.
type RecordWrite map[string]json.RawMessage

// WriteOptions say what Zoho does beside a write.
type WriteOptions struct {
	Trigger        []string // automations to run: "workflow", "approval", "blueprint"; nil: all, empty: none
	DuplicateCheck []string // of UpsertRecords: fields that find the record to update, the first match wins
	ByID           bool     // of UpdateRecords: the one record is named in the path, not in the body
	Features       []string // rules that a write otherwise skips: "layout_rules", ... (apply_feature_execution)
}

const (
	// MostWritten is how many records one insert, update or upsert takes (Zoho CRM API v8, Insert Records).
	MostWritten = 100
	// MostDeleted is how many records DeleteRecords takes. Zoho's page has 100, its OpenAPI 3.1 for v8 has 1,024
	// characters of ids, which is 51 ids of 19 digits.
	MostDeleted = 50
	// MostRestored is how many records RestoreRecords takes (Zoho CRM API v8, Restore Records).
	MostRestored = 200
	// recordsPerCredit: an insert, update or upsert costs a credit for each ten records (Zoho CRM API v8, API Limits).
	recordsPerCredit = 10
	// lightRecords is how many records a write may have without counting for sub-concurrency (Zoho CRM API v8, API
	// Limits).
	lightRecords = 10
)

var (
	// Zoho CRM API v8, Insert, Update and Upsert Records; zoho/crm-oas for v8, Insert Records: the results keep the
	// order of the records. The id in a DUPLICATE_DATA is that of the record which has the value already.
	writtenRecords = list{name: "data", item: "record", most: MostWritten, pathFirst: true, ordered: true}
	// Zoho CRM API v8, Delete Records.
	deletedRecords = list{name: "data", item: "record", most: MostDeleted}
	// Zoho CRM API v8, Restore Records from Recycle Bin.
	restoredRecords = list{name: "recycle_bin", item: "record", most: MostRestored}
)

// WriteCredits returns what an insert, update or upsert of so many records costs.
func WriteCredits(records int) int { return (records + recordsPerCredit - 1) / recordsPerCredit }

var (
	errNewWithID = errors.New("a new record must have no id; Zoho gives the id")
	errNotOne    = errors.New("an update with the id in its path takes one record")
	errNoID      = errors.New("a record to update must have an id")
)

// InsertRecords creates up to 100 records of a module. It costs one credit for each ten records. With more than ten it
// is one of the ten heavy calls that an org lets be in flight. It needs the scope ZohoCRM.modules.ALL or
// ZohoCRM.modules.{module}.CREATE. A request that is refused or fails as a whole is an *Error; the outcomes say what
// became of each record.
//
// It is never sent again once it may have been applied: if its answer is lost the *Error is Uncertain, and only a
// look-up tells which records were created. If an Outcome is not Known, its ID and Answer are those at its position in
// the answer. Read the records of these ids: if each has the values that were sent, the refusals are in order too.
//
// Zoho CRM API v8, Insert Records.
func (c *Client) InsertRecords(
	ctx context.Context, module string, records []RecordWrite, o WriteOptions,
) ([]Outcome, error) {
	q := request{method: http.MethodPost, creates: true}
	return c.writeRecords(ctx, q, module, records, make([]string, len(records)), o)
}

// UpdateRecords changes up to 100 records of a module, each by its "id". Credits, sub-concurrency and errors are those
// of InsertRecords. It needs the scope ZohoCRM.modules.ALL or ZohoCRM.modules.{module}.UPDATE. It is sent again when
// its answer is lost: done twice, it comes to the same, except that automations run twice.
//
// Zoho CRM API v8, Update Records.
func (c *Client) UpdateRecords(
	ctx context.Context, module string, records []RecordWrite, o WriteOptions,
) ([]Outcome, error) {
	ids := make([]string, len(records))
	var err error
	for i, r := range records {
		var id text
		if json.Unmarshal(r["id"], &id) != nil || id == "" {
			err = errNoID
		}
		ids[i] = string(id)
	}
	if err == nil {
		err = writtenRecords.check(ids)
	}
	q := request{method: http.MethodPut}
	if o.ByID && err == nil {
		q.path, err = pathOf("/%s", ids...)
		if len(records) != 1 {
			err = errNotOne
		}
		records = withoutIDs(records)
	}
	q.invalid = err
	return c.writeRecords(ctx, q, module, records, ids, o)
}

// withoutIDs returns copies of records without their ids.
func withoutIDs(records []RecordWrite) []RecordWrite {
	all := make([]RecordWrite, len(records))
	for i, r := range records {
		all[i] = maps.Clone(r)
		delete(all[i], "id")
	}
	return all
}

// UpsertRecords updates the records that Zoho finds by a duplicate check, and creates the others, up to 100. Zoho
// checks the fields of DuplicateCheck, or the module's own field if none is given, and then each unique field, also one
// that is not listed. Answer.Action tells which of the two Zoho did. Credits, sub-concurrency and errors are those of
// InsertRecords. It needs the scopes for both, CREATE and UPDATE. Two records of one call must not match each other:
// no document says what Zoho does then.
//
// It is never sent again once it may have been applied, like InsertRecords. A second upsert would update what the first
// one created only if the first one is over, and if each record has a value in a checked field. A call whose answer was
// lost may still be at work, and a checked field may lack an index that refuses equal values (Email): two at once can
// both create. The caller looks the records up first. It may upsert again those that are there.
//
// Zoho CRM API v8, Upsert Records.
func (c *Client) UpsertRecords(
	ctx context.Context, module string, records []RecordWrite, o WriteOptions,
) ([]Outcome, error) {
	q := request{method: http.MethodPost, path: "/upsert", creates: true}
	return c.writeRecords(ctx, q, module, records, make([]string, len(records)), o)
}

// writeRecords makes a write of records. The path of q comes after the module's. asked holds the ids, empty for new
// records.
func (c *Client) writeRecords(
	ctx context.Context, q request, module string, records []RecordWrite, asked []string, o WriteOptions,
) ([]Outcome, error) {
	path, err := modulePath(module)
	err = cmp.Or(q.invalid, err, writtenRecords.checkSize(len(records)))
	for _, r := range records {
		if _, has := r["id"]; q.creates && has {
			err = cmp.Or(err, errNewWithID)
		}
	}
	q.path = path + q.path
	q.credits, q.heavy = WriteCredits(len(records)), len(records) > lightRecords
	if q.invalid = err; err == nil {
		q.body, q.invalid = json.Marshal(o.body(records))
	}
	return c.write(ctx, q, writtenRecords, asked, nil)
}

// writeBody is the body of an insert, update or upsert. What is nil is not sent.
type writeBody struct {
	Data           []RecordWrite `json:"data"`
	Trigger        *[]string     `json:"trigger,omitempty"`
	DuplicateCheck []string      `json:"duplicate_check_fields,omitempty"`
	Features       []feature     `json:"apply_feature_execution,omitempty"`
}

type feature struct {
	Name string `json:"name"`
}

func (o WriteOptions) body(records []RecordWrite) writeBody {
	b := writeBody{Data: records, DuplicateCheck: o.DuplicateCheck}
	if o.Trigger != nil {
		b.Trigger = &o.Trigger
	}
	for _, name := range o.Features {
		b.Features = append(b.Features, feature{name})
	}
	return b
}

// DeleteRecords deletes up to 50 records of a module. With Module.RecycleBin they stay in the recycle bin for 60 days.
// trigger reports whether workflows run. It costs one credit, and needs the scope ZohoCRM.modules.ALL or
// ZohoCRM.modules.{module}.DELETE. A request that is refused or fails as a whole is an *Error. It is sent again when
// its answer is lost. If an error, here or in an outcome, is Uncertain, "record not deleted" may mean that an earlier
// attempt deleted the record.
//
// Zoho CRM API v8, Delete Records.
func (c *Client) DeleteRecords(ctx context.Context, module string, ids []string, trigger bool) ([]Outcome, error) {
	path, err := modulePath(module)
	query, queryErr := deletedRecords.query(ids)
	if !trigger {
		query += "&wf_trigger=false" // Zoho's default is true
	}
	q := request{method: http.MethodDelete, path: path, query: query, invalid: cmp.Or(err, queryErr)}
	return c.write(ctx, q, deletedRecords, ids, nil)
}

// RestoreRecords takes up to 200 records of any modules out of the recycle bin. They keep their ids. It costs one
// credit, needs the scope ZohoCRM.settings.recycle_bin.UPDATE, and is in v8 alone as far as known: in another version
// it is refused here (Version.HasRestore). A request that is refused or fails as a whole is an *Error. An outcome with
// the code SCHEDULED is no success yet: Zoho restores the record later. It is sent again when its answer is lost. Then
// a refusal may mean that an earlier attempt restored the record: only reading tells.
//
// Zoho CRM API v8, Restore Records from Recycle Bin.
func (c *Client) RestoreRecords(ctx context.Context, ids []string) ([]Outcome, error) {
	err := restoredRecords.check(ids)
	if !c.version.HasRestore() {
		err = fmt.Errorf("API version %v has no call to restore records; v8 has", c.version)
	}
	q := request{method: http.MethodPost, path: "/settings/recycle_bin/actions/restore", invalid: err}
	if err == nil {
		q.body, q.invalid = json.Marshal(map[string][]string{"ids": ids})
	}
	return c.write(ctx, q, restoredRecords, ids, nil)
}

// Package bulk answers Bulk Read: jobs that export the records of a module as a CSV file in a zip. Jobs live in memory.
package bulk

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"rolecall/api/emulator/coql"
	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// Zoho CRM API v7, Bulk Read, Limitations; credits: v8, API Limits.
const (
	rowsOfJob      = 200_000
	mostDownloads  = 10 // a minute
	createCredits  = 50
	mostCriteria   = 25
	pageTokenTTL   = 24 * time.Hour
	firstJob       = 4150868000070000000
	downloadWindow = time.Minute
)

// An API answers the bulk read calls on an org.
type API struct {
	store *org.Store
	now   func() time.Time

	mu        sync.Mutex
	jobs      map[string]*job
	next      uint64
	downloads []time.Time // of the last minute
}

// A job is one page of a query: its rows were read when it was created.
type job struct {
	id      string
	query   query
	created time.Time
	polled  bool // somebody asked for its state
	zip     []byte
	rows    int
	more    bool
}

// New makes an API on a store.
func New(s *org.Store, now func() time.Time) *API {
	return &API{store: s, now: now, jobs: make(map[string]*job), next: firstJob}
}

// Routes returns the calls that the API answers.
func (a *API) Routes() []wire.Route {
	const path, scopes = "/bulk/read", "bulk.READ"
	return []wire.Route{
		{Method: "POST", Pattern: path, Scopes: scopes, Credits: createCredits, Handler: a.create},
		{Method: "GET", Pattern: path + "/{id}", Scopes: scopes, Handler: a.state},
		{Method: "GET", Pattern: path + "/{id}/result", Scopes: scopes, Handler: a.result},
	}
}

// A query is the query of a job, as sent. Before v3 the module is a name.
type query struct {
	Module    json.RawMessage `json:"module,omitempty"`
	Fields    []string        `json:"fields,omitempty"`
	Criteria  *criteria       `json:"criteria,omitempty"`
	Page      int             `json:"page,omitempty"`
	PageToken string          `json:"page_token,omitempty"`
	View      string          `json:"cvid,omitempty"`
}

// create answers Create Bulk Read Job, Zoho CRM API v7.
func (a *API) create(c *wire.Call) (wire.Answer, error) {
	body, err := c.ReadBody()
	if err != nil {
		return wire.Answer{}, err
	}
	raw, given := body.Get("query")
	if !given {
		return wire.Answer{}, wire.Bad("MANDATORY_NOT_FOUND", "required field not found",
			wire.Details{APIName: "query", JSONPath: "$.query"})
	}
	var q query
	if json.Unmarshal(raw, &q) != nil {
		return wire.Answer{}, wire.Bad("INVALID_DATA", "invalid data",
			wire.Details{APIName: "query", JSONPath: "$.query", ExpectedDataType: "jsonobject"})
	}
	if fileType, _, wrong := body.Text("file_type", "$"); wrong != nil || fileType != "" && fileType != "csv" {
		return wire.Answer{}, wire.NotEmulated("files other than csv", wire.Details{APIName: "file_type"})
	}
	if q.View != "" {
		return wire.Answer{}, wire.NotEmulated("custom views", wire.Details{APIName: "cvid"})
	}
	if q, err = a.continued(q); err != nil {
		return wire.Answer{}, err
	}
	j, err := a.run(c, q)
	if err != nil {
		return wire.Answer{}, err
	}
	answer, err := wire.OK(map[string]any{"data": []any{map[string]any{
		"status": "success", "code": "ADDED_SUCCESSFULLY", "message": "Added successfully.", "details": map[string]any{
			"id": j.id, "operation": "read", "state": "ADDED", "created_by": creator(), "created_time": j.time(),
		},
	}}, "info": map[string]any{}})
	answer.Status = http.StatusCreated
	return answer, err
}

func creator() map[string]string { return map[string]string{"id": org.UserID, "name": org.UserName()} }

func (j *job) time() string { return org.TimeText(j.created.Unix()) }

// continued returns the query of a page token: the next page of a job. The form of the token is ours.
func (a *API) continued(q query) (query, error) {
	if q.PageToken == "" {
		return q, nil
	}
	id, _ := strings.CutPrefix(q.PageToken, "next-")
	a.mu.Lock()
	j := a.jobs[id]
	a.mu.Unlock()
	switch {
	case j == nil || !j.more:
		return q, wire.Bad("INVALID_DATA", "invalid data", wire.Details{APIName: "page_token"})
	case a.now().Sub(j.created) >= pageTokenTTL:
		return q, wire.Bad("EXPIRED_VALUE", "the page token expired", wire.Details{APIName: "page_token"})
	}
	q = j.query
	q.Page++
	return q, nil
}

// run reads the rows of a job.
func (a *API) run(c *wire.Call, q query) (*job, error) {
	name, isName := wire.Unquote(q.Module)
	if !isName {
		var m struct {
			APIName string `json:"api_name"`
		}
		_ = json.Unmarshal(q.Module, &m) // a module without a name is unknown
		name = m.APIName
	}
	m, known := a.store.ModuleNamed(name)
	switch {
	case !known:
		return nil, wire.Bad("MODULE_NOT_SUPPORTED", "the module is not supported in bulk read",
			wire.Details{APIName: "module"}) // the text is ours
	case !c.Allows(a.store.Scope(m, "READ")):
		return nil, wire.ScopeMismatch()
	}
	q.Page = max(q.Page, 1)
	columns := a.columns(m, q.Fields)
	text, err := a.selectText(m, columns, &q)
	if err != nil {
		return nil, err
	}
	parsed, err := coql.Parse(text)
	if err != nil {
		return nil, err
	}
	plan, err := parsed.Plan(a.store.Records, m, coql.Limits{
		Version: wire.V8, Rows: rowsOfJob, Usual: rowsOfJob, Reach: (q.Page + 1) * rowsOfJob,
	})
	if err != nil {
		return nil, err
	}
	rows, more := plan.Run(a.store.View(m))
	a.mu.Lock()
	defer a.mu.Unlock()
	a.next++
	j := &job{id: strconv.FormatUint(a.next, 10), query: q, created: a.now(), rows: len(rows), more: more}
	if j.zip, err = writeZip(j.id+".csv", columns, rows); err != nil {
		return nil, err
	}
	a.jobs[j.id] = j
	return j, nil
}

// find returns the job in the path.
func (a *API) find(c *wire.Call) (*job, error) {
	j := a.jobs[c.IDs[0]]
	if j == nil {
		return nil, wire.Refuse(http.StatusNotFound, "RESOURCE_NOT_FOUND", "the resource does not exist",
			wire.Details{}) // the text is ours
	}
	return j, nil
}

// state answers Get the Status of the Bulk Read Job. The first answer is IN PROGRESS, so that clients must poll.
func (a *API) state(c *wire.Call) (wire.Answer, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	j, err := a.find(c)
	if err != nil {
		return wire.Answer{}, err
	}
	data := map[string]any{
		"id": j.id, "operation": "read", "state": "IN PROGRESS", "query": j.query, "created_by": creator(),
		"created_time": j.time(), "file_type": "csv",
	}
	if j.polled {
		var token any
		if j.more {
			token = "next-" + j.id
		}
		data["state"] = "COMPLETED"
		data["result"] = map[string]any{
			"page": j.query.Page, "per_page": rowsOfJob, "count": j.rows, "more_records": j.more,
			"download_url": strings.TrimSuffix(c.URL.Path, "/") + "/result", "next_page_token": token,
		}
	}
	j.polled = true
	return wire.OK(map[string]any{"data": []any{data}})
}

// result answers Download Bulk Read Result, ten times a minute. A job that is not complete has no result. (inferred)
func (a *API) result(c *wire.Call) (wire.Answer, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	j, err := a.find(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if !j.polled {
		return wire.Answer{}, wire.Bad("INVALID_DATA", "the job is not complete", wire.Details{ID: j.id})
	}
	now := a.now()
	for len(a.downloads) > 0 && now.Sub(a.downloads[0]) >= downloadWindow {
		a.downloads = a.downloads[1:]
	}
	if len(a.downloads) >= mostDownloads {
		return wire.Answer{}, wire.TooManyRequests()
	}
	a.downloads = append(a.downloads, now)
	return wire.Answer{Status: http.StatusOK, Body: j.zip, Type: "application/zip", File: j.id + ".zip"}, nil
}

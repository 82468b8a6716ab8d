// Package wire reads requests and writes answers in Zoho's form: JSON bodies, refusals, and a result for each item.
// It holds no state and knows no resource. All rooms of the emulator use it.
package wire

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

// An Answer is a status and a JSON body. The body is empty for 204 and 304.
type Answer struct {
	Status int
	Body   []byte
	Type   string // of the content; "" is JSON
	File   string // the name to save the body by; "" is none
}

// NoContent returns Zoho's answer when there are no rows: 204 and no body at all.
func NoContent() Answer { return Answer{Status: http.StatusNoContent} }

// NotModified returns the answer to If-Modified-Since when nothing is newer.
func NotModified() Answer { return Answer{Status: http.StatusNotModified} }

// OK encodes v as a 200.
func OK(v any) (Answer, error) {
	body, err := json.Marshal(v)
	return Answer{Status: http.StatusOK, Body: body}, err
}

// Results encodes the results of a write under key: 200 when all went well, 400 when all failed, 207 when mixed. Zoho
// CRM API v8, Status Codes; OpenAPI v8.0, contact roles and related records.
func Results(key string, items []Result) (Answer, error) {
	failed := 0
	for i := range items {
		if items[i].failed() {
			failed++
		}
	}
	a, err := OK(map[string][]Result{key: items})
	switch {
	case failed > 0 && failed == len(items):
		a.Status = http.StatusBadRequest
	case failed > 0:
		a.Status = http.StatusMultiStatus
	}
	return a, err
}

// Outcomes answers a change of the records with these ids: each was done, or failed with INVALID_DATA.
func Outcomes(key string, ids []string, done []bool, yes, no string) (Answer, error) {
	results := make([]Result, len(ids))
	for i, id := range ids {
		if done[i] {
			results[i] = Success(id, yes)
		} else {
			results[i] = Failure("INVALID_DATA", no, Details{ID: id})
		}
	}
	return Results(key, results)
}

// List encodes {"data":[...],"info":{...}}. The function row writes object i. A nil info is left out.
func List[T any](count int, row func(b *bytes.Buffer, i int), info *T) (Answer, error) {
	var b bytes.Buffer
	b.WriteString(`{"data":[`)
	for i := range count {
		if i > 0 {
			b.WriteByte(',')
		}
		row(&b, i)
	}
	b.WriteByte(']')
	if info != nil {
		encoded, err := json.Marshal(info)
		if err != nil {
			return Answer{}, err
		}
		b.WriteString(`,"info":`)
		b.Write(encoded)
	}
	b.WriteByte('}')
	return Answer{Status: http.StatusOK, Body: b.Bytes()}, nil
}

// Refused turns the error of a handler into an answer. An error that is not a *Refusal is the emulator's own trouble,
// such as a state file that it cannot write. Zoho calls that INTERNAL_ERROR.
func Refused(err error) Answer {
	r, isRefusal := errors.AsType[*Refusal](err)
	if !isRefusal {
		r = InternalError()
	}
	body, err := json.Marshal(&r.Result)
	if err != nil { // impossible: every part of a result can be encoded
		body = []byte(`{"code":"INTERNAL_ERROR","details":{},"message":"Internal Server Error","status":"error"}`)
	}
	return Answer{Status: r.Status, Body: body}
}

// Write sends the whole answer.
func (a Answer) Write(w http.ResponseWriter) {
	a.WriteHead(w)
	_, _ = w.Write(a.Body) // an error means that the client is gone
}

// WriteHead sends status and headers. The SDKs decode only application/json.
func (a Answer) WriteHead(w http.ResponseWriter) {
	if len(a.Body) > 0 {
		h := w.Header()
		if h.Get("Content-Type") == "" {
			h.Set("Content-Type", cmp.Or(a.Type, "application/json"))
		}
		if a.File != "" {
			h.Set("Content-Disposition", `attachment; filename="`+a.File+`"`)
		}
		h.Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	w.WriteHeader(a.Status)
}

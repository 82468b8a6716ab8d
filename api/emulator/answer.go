package emulator

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// An answer is what goes back: a status and a JSON body, empty for 204.
type answer struct {
	status int
	body   []byte
}

// noContent is Zoho's answer for "nothing there": 204 and no body at all.
func noContent() answer { return answer{status: http.StatusNoContent} }

// ok encodes a 200.
func ok(v any) (answer, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: body}, nil
}

// itemised encodes the outcomes of a write under key: 200 when all went well,
// 400 when none did, 207 when mixed. Zoho CRM API v8, Status Codes; OpenAPI
// v8.0, contact roles and related records.
func itemised(key string, items []result) (answer, error) {
	failed := 0
	for i := range items {
		if items[i].failed() {
			failed++
		}
	}
	status := http.StatusOK
	switch {
	case failed == len(items) && failed > 0:
		status = http.StatusBadRequest
	case failed > 0:
		status = http.StatusMultiStatus
	}
	list, err := json.Marshal(items)
	if err != nil {
		return answer{}, err
	}
	body := make([]byte, 0, len(list)+len(key)+5)
	body = append(body, '{')
	body = strconv.AppendQuote(body, key)
	body = append(body, ':')
	body = append(body, list...)
	body = append(body, '}')
	return answer{status: status, body: body}, nil
}

// write sends the answer whole.
func (a answer) write(w http.ResponseWriter) {
	a.head(w)
	// A client that went away is its own affair: there is nobody to tell.
	_, _ = w.Write(a.body)
}

// head sends status and headers. The SDKs decode only application/json.
func (a answer) head(w http.ResponseWriter) {
	if len(a.body) > 0 {
		h := w.Header()
		if h.Get("Content-Type") == "" {
			h.Set("Content-Type", "application/json")
		}
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
}

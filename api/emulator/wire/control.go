package wire

import (
	"encoding/json"
	"net/http"
)

// maxControlBody is the most bytes of a body for the emulator's own pages, far above those of any real request.
const maxControlBody = 64 << 10

// Control answers a POST to one of the emulator's own pages, which are no part of Zoho. It reads the body, applies it
// and sends the reply. An error becomes a 400 that shows the example of a good body.
func Control[Request, Reply any](
	w http.ResponseWriter, r *http.Request, name, example string, apply func(*Request) (Reply, error),
) {
	var request Request
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxControlBody))
	dec.DisallowUnknownFields()
	err := dec.Decode(&request)
	var reply Reply
	if err == nil {
		reply, err = apply(&request)
	}
	if err != nil {
		http.Error(w, name+": "+err.Error()+"; "+example, http.StatusBadRequest)
		return
	}
	WriteJSON(w, reply)
}

// WriteJSON sends v as a line of JSON.
func WriteJSON(w http.ResponseWriter, v any) {
	a, err := OK(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	a.Body = append(a.Body, '\n')
	a.Write(w)
}

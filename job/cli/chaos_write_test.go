package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"rolecall/api/emulator"
)

// chaosWrite is a write as it came to the org, whatever became of it there.
type chaosWrite struct {
	deal     string
	items    []chaosItem
	together bool                        // it is a collection PUT
	before   map[string]emulator.RoleRef // who was on the deal, where the write may take somebody off it
}

// chaosItem is a contact of a write.
type chaosItem struct {
	contact string
	role    string // its name; "" in a DELETE
}

// mostItems is how many contacts of a deal Zoho takes in one call.
const mostItems = 100

// read reads the writes that rows may ask for: PUT .../Deals/{deal}/Contact_Roles/{contact}, PUT
// .../Deals/{deal}/Contact_Roles with up to a hundred contacts, DELETE .../Deals/{deal}/Contact_Roles/{contact}, and
// DELETE .../Deals/{deal}/Contact_Roles?ids= of several.
func (o *chaosOrg) read(r *http.Request, body []byte) (w chaosWrite, err error) {
	_, path, _ := strings.Cut(r.URL.Path, "/Deals/")
	deal, contact, _ := strings.Cut(path, "/Contact_Roles")
	contact = strings.TrimPrefix(contact, "/")
	w.deal = deal
	switch r.Method {
	case http.MethodDelete:
		if contact != "" {
			w.items = append(w.items, chaosItem{contact: contact})
			break
		}
		for id := range strings.SplitSeq(r.URL.Query().Get("ids"), ",") {
			w.items = append(w.items, chaosItem{contact: id})
		}
	case http.MethodPut:
		var put struct {
			Data []struct {
				ID   string
				Role struct{ ID string } `json:"Contact_Role"`
			}
		}
		if err := json.Unmarshal(body, &put); err != nil {
			return w, err
		}
		w.together = contact == ""
		for _, item := range put.Data {
			if !w.together {
				item.ID = contact
			}
			w.items = append(w.items, chaosItem{item.ID, o.roles[item.Role.ID]})
		}
	}
	return w, w.check(r, body, contact)
}

// check holds a write to what Zoho takes: the path goes with the contacts, of which each is named once and gets a role
// of the org's.
func (w *chaosWrite) check(r *http.Request, body []byte, contact string) error {
	wrong := fmt.Errorf("%s %s: %s", r.Method, r.URL, body)
	several := w.together
	if r.Method == http.MethodDelete {
		several = len(w.items) > 1
	}
	if len(w.items) == 0 || len(w.items) > mostItems || several != (contact == "") || !several && len(w.items) > 1 {
		return wrong
	}
	named := map[string]bool{}
	for _, item := range w.items {
		if named[item.contact] || item.contact == "" || (item.role == "") != (r.Method == http.MethodDelete) {
			return wrong
		}
		named[item.contact] = true
	}
	return nil
}

// readsOnly looks at whether a composite request holds nothing but reads.
func readsOnly(body []byte) error {
	var composite struct {
		Parts []struct{ Method string } `json:"__composite_requests"`
	}
	if err := json.Unmarshal(body, &composite); err != nil {
		return err
	}
	for _, part := range composite.Parts {
		if part.Method != http.MethodGet {
			return fmt.Errorf("a part of a composite request writes: %s", body)
		}
	}
	return nil
}

package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// RelatedList is a list that a module's records show.
type RelatedList struct {
	APIName string // "Contact_Roles"
	Status  string // as sent: "visible", "user_hidden", "scheduled_for_deletion"; may be empty
}

// RelatedLists returns the related lists of a module's standard layout. It costs one credit, and needs the scope
// ZohoCRM.settings.related_lists.READ. A refusal or failure is an *Error.
//
// Zoho CRM API v7, Related Lists Metadata.
func (c *Client) RelatedLists(ctx context.Context, module string) ([]RelatedList, error) {
	return read(ctx, c, request{
		method: http.MethodGet, path: "/settings/related_lists", query: "module=" + url.QueryEscape(module),
		due: due{"related_lists", listOrNone},
	}, decodeRelatedLists)
}

func decodeRelatedLists(r *reply) ([]RelatedList, error) {
	if r.list == nil {
		return nil, nil
	}
	var list []struct {
		APIName text `json:"api_name"`
		Status  text `json:"status"`
	}
	if err := json.Unmarshal(r.list, &list); err != nil {
		return nil, notJSON(err)
	}
	lists := make([]RelatedList, len(list))
	for i, e := range list {
		lists[i] = RelatedList{APIName: string(e.APIName), Status: string(e.Status)}
	}
	return lists, nil
}

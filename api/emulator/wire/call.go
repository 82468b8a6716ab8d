package wire

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxBody is the most bytes of a body, far above those of 100 items.
const maxBody = 4 << 20

// MaxItems is how many items, or ids, one call may carry. Zoho CRM API v8, Insert Contact Roles, Remove Contact Role
// from a Specific Deal.
const MaxItems = 100

// A Handler answers a call. A *Refusal as error refuses the whole request.
type Handler func(*Call) (Answer, error)

// A Route is a method and a path below /crm/{version}. The segment {id} stands for any one segment.
type Route struct {
	Method, Pattern string
	Scopes          string // scopes below ZohoCRM that the token must have, separated by spaces
	Rights          string // rights that the user must have, separated by spaces; "": none that can be denied
	Handler         Handler
	Places          int  // calls in flight it counts for; 0: one
	Credits         int  // its price; 0: one
	Heavy           bool // it counts for sub-concurrency
}

// A Call is an API request on its way to its handler.
type Call struct {
	*http.Request
	Version  Version
	Label    string                   // method and pattern: "PUT /Deals/{id}/Contact_Roles/{id}"
	IDs      []string                 // the segments that stand for {id}, as sent
	Composed bool                     // a sub-request of a composite request
	Gateway  bool                     // it came through the gateway
	Allows   func(scopes string) bool // whether the token has these scopes; they are written as in Route
	Charge   func(credits int)        // adds credits to the price of the call
	Heavy    func() bool              // makes the call count for sub-concurrency; false: there is no room
}

// Query reads the parameters. It tolerates broken ones, as Zoho does: the SDKs' queries end in "&".
func (c *Call) Query() url.Values { return c.URL.Query() }

// ReadBody reads an object. It ignores the Content-Type: the SDKs send none.
func (c *Call) ReadBody() (Item, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, c.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, Refuse(http.StatusRequestEntityTooLarge, "REQUEST_ENTITY_TOO_LARGE",
			"the request body is too large", Details{})
	}
	it, isObject := readObject(body)
	if err != nil || !isObject {
		// The code is in the SDKs' enums. The text is Zoho's for other resources.
		return nil, Bad("UNABLE_TO_PARSE_DATA_TYPE",
			"either the request body or parameters is in wrong format", Details{})
	}
	return it, nil
}

// ReadItems reads {key: [...]} with 1 to most items. A sub-request may carry one (Zoho CRM API v7, Composite API,
// Allowed APIs).
func (c *Call) ReadItems(key string, most int) ([]json.RawMessage, error) {
	body, err := c.ReadBody()
	if err != nil {
		return nil, err
	}
	list, err := body.List(key)
	if c.Composed {
		most = 1
	}
	if err == nil && len(list) > most {
		return nil, Bad("LIMIT_EXCEEDED", "limit exceeded", Details{APIName: key, MaximumLength: most})
	}
	return list, err
}

// ReadIDs reads ?ids=a,b. It returns false when no id is given, and refuses more than 100 (OpenAPI v8.0, Delink
// Related Records).
func (c *Call) ReadIDs() (ids []string, given bool, err error) {
	for _, value := range c.Query()["ids"] {
		ids = append(ids, SplitList(value)...)
	}
	if len(ids) > MaxItems {
		return nil, true, Bad("LIMIT_EXCEEDED", "limit exceeded",
			Details{ParamName: "ids", Limit: json.RawMessage(`"100"`)})
	}
	return ids, len(ids) > 0, nil
}

// SplitList returns the parts of a list with commas, without spaces and empty parts.
func SplitList(s string) (parts []string) {
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

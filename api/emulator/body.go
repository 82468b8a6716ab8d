package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// maxBody is far above 100 items of anything.
const maxBody = 4 << 20

// maxItems is how many items, or ids, one call may carry. Zoho CRM API v8,
// Insert Contact Roles, Remove Contact Role from a Specific Deal.
const maxItems = 100

// An item is an object of a request body.
type item json.RawMessage

// get gives the value of a key, which may be null.
func (it item) get(key string) (json.RawMessage, bool) {
	return member(json.RawMessage(it), key)
}

// items reads {key: [...]}, with 1 to most items; a sub-request may carry one
// (Zoho CRM API v7, Composite API, Allowed APIs).
func (c *call) items(key string, most int) ([]json.RawMessage, error) {
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	list, err := body.list(key)
	if c.composed {
		most = 1
	}
	if err == nil && len(list) > most {
		return nil, bad("LIMIT_EXCEEDED", "limit exceeded", details{APIName: key, MaximumLength: most})
	}
	return list, err
}

// body reads an object. The Content-Type is not looked at: the SDKs send none.
func (c *call) body() (item, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, c.r.Body, maxBody))
	if err != nil {
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			return nil, refuse(http.StatusRequestEntityTooLarge, "REQUEST_ENTITY_TOO_LARGE", "the request body is too large", details{})
		}
		return nil, unreadable()
	}
	if !json.Valid(body) || !isObject(body) {
		return nil, unreadable()
	}
	return item(body), nil
}

// list gives the items under a key, of which there must be one.
func (it item) list(key string) ([]json.RawMessage, error) {
	at := details{APIName: key, JSONPath: "$." + key}
	raw, found := it.get(key)
	if !found || isNull(raw) {
		return nil, bad("MANDATORY_NOT_FOUND", "required field not found", at)
	}
	list, isArray := elements(raw)
	if !isArray {
		at.ExpectedDataType = "jsonarray"
		return nil, bad("INVALID_DATA", "invalid data", at)
	}
	if len(list) == 0 {
		return nil, bad("MANDATORY_NOT_FOUND", "required field not found", at)
	}
	return list, nil
}

// unreadable is for bodies that are no JSON object. The code is in the SDKs'
// enums; the text is Zoho's for other resources.
func unreadable() *refusal {
	return bad("UNABLE_TO_PARSE_DATA_TYPE", "either the request body or parameters is in wrong format", details{})
}

// object reads an item that must be an object.
func object(raw json.RawMessage, path string) (item, *result) {
	if !isObject(raw) {
		return nil, invalid("", path, "jsonobject")
	}
	return item(raw), nil
}

// text reads a string; "" and false when the key is missing or null.
func (it item) text(key, path string) (value string, given bool, wrong *result) {
	raw, found := it.get(key)
	if !found || isNull(raw) {
		return "", false, nil
	}
	if value, given = unquote(raw); !given {
		wrong = invalid(key, path+"."+key, "text")
	}
	return value, given, wrong
}

// The items that every write can fail with.

func invalid(name, path, expected string) *result {
	r := failure("INVALID_DATA", "invalid data", details{APIName: name, JSONPath: path, ExpectedDataType: expected})
	return &r
}

func mandatory(name, path string) *result {
	r := failure("MANDATORY_NOT_FOUND", "required field not found", details{APIName: name, JSONPath: path})
	return &r
}

// path is the JSON path of item i below key.
func path(key string, i int) string { return "$." + key + "[" + strconv.Itoa(i) + "]" }

func isNull(raw json.RawMessage) bool { return bytes.Equal(raw, []byte("null")) }

// idList reads ?ids=a,b. given is false when there are none; more than 100
// are refused (OpenAPI v8.0, Delink Related Records).
func (c *call) idList() (list []string, given bool, err error) {
	for _, value := range c.query()["ids"] {
		for part := range strings.SplitSeq(value, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
	}
	if len(list) > maxItems {
		return nil, true, bad("LIMIT_EXCEEDED", "limit exceeded", details{ParamName: "ids", Limit: json.RawMessage(`"100"`)})
	}
	return list, len(list) > 0, nil
}

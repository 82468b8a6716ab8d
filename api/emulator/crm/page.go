package crm

import (
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"rolecall/api/emulator/wire"
)

const (
	// perPage is the default and the most rows of a page. Zoho CRM API v7, Get Related Records.
	perPage = 200
	// composedPage is the most rows in a sub-request of a composite request. Zoho CRM API v7, Composite API.
	composedPage = 25
)

// plainInfo is "info" of lists without page tokens: Get Records before v3, Get Deleted Records.
type plainInfo struct {
	PerPage     int  `json:"per_page"`
	Count       int  `json:"count"`
	Page        int  `json:"page"`
	MoreRecords bool `json:"more_records"`
}

// pageInfo is "info" as Zoho's sample shows it. The contact roles of a deal have no page tokens here.
type pageInfo struct {
	plainInfo
	NextPageToken     *string `json:"next_page_token"`
	PreviousPageToken *string `json:"previous_page_token"`
	PageTokenExpiry   *string `json:"page_token_expiry"`
}

// readPage reads page and per_page.
func readPage(c *wire.Call) (pageInfo, error) {
	query := c.Query()
	info := pageInfo{plainInfo: plainInfo{PerPage: perPage, Page: 1}}
	if c.Composed {
		info.PerPage = composedPage
	}
	most := info.PerPage
	for name, target := range map[string]*int{"page": &info.Page, "per_page": &info.PerPage} {
		value := query.Get(name)
		if value == "" {
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			return info, wire.InvalidParam(name, "integer")
		}
		*target = n
	}
	switch {
	case info.PerPage <= most:
		return info, nil
	case c.Composed:
		return info, wire.OverLimit("per_page", most)
	}
	return info, wire.Bad("LIMIT_EXCEEDED", "limit exceeded",
		wire.Details{ParamName: "per_page", Limit: json.RawMessage(`"200"`)})
}

// start returns the index of the page's first row, at most count.
func (info *pageInfo) start(count int) int {
	if info.Page-1 > count/info.PerPage { // no overflow, whatever the page
		return count
	}
	return min((info.Page-1)*info.PerPage, count)
}

// cutPage returns the rows of this page and completes info.
func cutPage[T any](info *pageInfo, rows []T) []T {
	from := info.start(len(rows))
	to := min(from+info.PerPage, len(rows))
	info.Count, info.MoreRecords = to-from, to < len(rows)
	return rows[from:to]
}

// readFields reads fields=a,b. Nil means all fields. Unknown names are ignored.
func readFields(query url.Values, needed bool) ([]string, error) {
	fields := wire.SplitList(query.Get("fields"))
	if len(fields) == 0 && needed {
		return nil, wire.ParamMissing("fields")
	}
	return fields, nil
}

// modifiedSince reads If-Modified-Since, an ISO 8601 time (Zoho CRM API v7, Get Records). What another text gives is
// not documented.
func modifiedSince(c *wire.Call) (*int64, error) {
	text := c.Header.Get("If-Modified-Since")
	if text == "" {
		return nil, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil, wire.Bad("INVALID_DATA", "invalid data",
			wire.Details{APIName: "If-Modified-Since", ExpectedDataType: "datetime"})
	}
	return new(t.Unix()), nil
}

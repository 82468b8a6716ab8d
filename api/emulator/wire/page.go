package wire

import (
	"encoding/json"
	"net/url"
	"strconv"
	"time"
)

const (
	// PerPage is the default and the most rows of a page. Zoho CRM API v7, Get Related Records.
	PerPage = 200
	// ComposedPage is the most rows in a sub-request of a composite request. Zoho CRM API v7, Composite API.
	ComposedPage = 25
)

// PlainInfo is "info" of lists without page tokens: Get Records before v3, Get Deleted Records.
type PlainInfo struct {
	PerPage     int  `json:"per_page"`
	Count       int  `json:"count"`
	Page        int  `json:"page"`
	MoreRecords bool `json:"more_records"`
}

// PageInfo is "info" as Zoho's sample shows it. The contact roles of a deal have no page tokens here.
type PageInfo struct {
	PlainInfo
	NextPageToken     *string `json:"next_page_token"`
	PreviousPageToken *string `json:"previous_page_token"`
	PageTokenExpiry   *string `json:"page_token_expiry"`
}

// ReadPage reads page and per_page.
func ReadPage(c *Call) (PageInfo, error) {
	query := c.Query()
	info := PageInfo{PlainInfo: PlainInfo{PerPage: PerPage, Page: 1}}
	if c.Composed {
		info.PerPage = ComposedPage
	}
	most := info.PerPage
	for name, target := range map[string]*int{"page": &info.Page, "per_page": &info.PerPage} {
		value := query.Get(name)
		if value == "" {
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			return info, InvalidParam(name, "integer")
		}
		*target = n
	}
	switch {
	case info.PerPage <= most:
		return info, nil
	case c.Composed:
		return info, OverLimit("per_page", most)
	}
	return info, Bad("LIMIT_EXCEEDED", "limit exceeded",
		Details{ParamName: "per_page", Limit: json.RawMessage(`"200"`)})
}

// Start returns the index of the page's first row, at most count.
func (info *PageInfo) Start(count int) int {
	if info.Page-1 > count/info.PerPage { // no overflow, whatever the page
		return count
	}
	return min((info.Page-1)*info.PerPage, count)
}

// CutPage returns the rows of this page and completes info.
func CutPage[T any](info *PageInfo, rows []T) []T {
	from := info.Start(len(rows))
	to := min(from+info.PerPage, len(rows))
	info.Count, info.MoreRecords = to-from, to < len(rows)
	return rows[from:to]
}

// ReadFields reads fields=a,b. Nil means all fields. Unknown names are ignored.
func ReadFields(query url.Values, needed bool) ([]string, error) {
	fields := SplitList(query.Get("fields"))
	if len(fields) == 0 && needed {
		return nil, ParamMissing("fields")
	}
	return fields, nil
}

// ModifiedSince reads If-Modified-Since, an ISO 8601 time (Zoho CRM API v7, Get Records). What another text gives is
// not documented.
func ModifiedSince(c *Call) (*int64, error) {
	text := c.Header.Get("If-Modified-Since")
	if text == "" {
		return nil, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil, Bad("INVALID_DATA", "invalid data",
			Details{APIName: "If-Modified-Since", ExpectedDataType: "datetime"})
	}
	return new(t.Unix()), nil
}

// maxFields is how many fields a call may name. Zoho CRM API v7, Get Records.
const maxFields = 50

// RecordFields reads the fields, at most 50.
func RecordFields(query url.Values, needed bool) ([]string, error) {
	fields, err := ReadFields(query, needed)
	if err == nil && len(fields) > maxFields {
		return nil, Bad("LIMIT_EXCEEDED", "Fields limit exceeded",
			Details{ParamName: "fields", Limit: json.RawMessage("50")})
	}
	return fields, err
}

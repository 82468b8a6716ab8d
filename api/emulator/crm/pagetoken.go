package crm

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// Zoho CRM API v7, Get Records, Parameters and Possible Errors.
const (
	discretePages = 2000           // rows without a page token
	tokenPages    = 100_000        // rows with page tokens
	pageTokenTTL  = 24 * time.Hour // of a page token
)

// A pageToken is a position in a list. It is good for the same parameters only. The token has all its data, so nothing
// is stored. It is the same for every user, as there is only one.
type pageToken struct {
	bound   uint64 // hash of the parameters
	expires int64  // Unix time
	count   int    // rows before the position
	last    cursor // the row before the position
}

// A cursor is the position of a row: its sort value, then its id.
type cursor struct {
	key int64
	id  org.ID
}

// String encodes the token and a checksum.
func (t pageToken) String() string {
	b := fmt.Appendf(nil, "%d,%d,%d,%d,%d,", t.bound, t.expires, t.count, t.last.key, t.last.id)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(append(b, sum[:8]...))
}

func parsePageToken(s string) (t pageToken, ok bool) {
	b, err := hex.DecodeString(s)
	if err != nil {
		return t, false
	}
	_, err = fmt.Sscanf(string(b), "%d,%d,%d,%d,%d,", &t.bound, &t.expires, &t.count, &t.last.key, &t.last.id)
	return t, err == nil && t.String() == s
}

// bind returns the hash of the path and of all parameters except the position in the list. A page token is bound to it.
func bind(c *wire.Call) uint64 {
	bound := url.Values{"If-Modified-Since": {c.Header.Get("If-Modified-Since")}}
	for name, values := range c.Query() {
		if name != "page" && name != "page_token" {
			bound[name] = values
		}
	}
	sum := sha256.Sum256([]byte(c.Label + " " + strings.Join(c.IDs, " ") + "?" + bound.Encode()))
	return binary.BigEndian.Uint64(sum[:])
}

// readPageToken reads the token of a call; nil is none. Texts are those of the page, details those of the OpenAPI v8.0,
// get record.
func readPageToken(query url.Values, bound uint64, now time.Time) (*pageToken, error) {
	text := query.Get("page_token")
	if text == "" {
		return nil, nil
	}
	if query.Has("page") {
		return nil, wire.Ambiguous("You cannot use both page and page_token", "page", "page_token")
	}
	t, ok := parsePageToken(text)
	at := wire.Details{ParamName: "page_token"}
	switch {
	case !ok:
		return nil, wire.Bad("INVALID_DATA", "The token given seems to be invalid", at)
	case t.bound != bound:
		return nil, wire.Bad("TOKEN_BOUND_DATA_MISMATCH",
			"The page_token given seems to be invalid or input param is added or altered or deleted", at)
	case now.Unix() >= t.expires:
		return nil, wire.Bad("EXPIRED_VALUE", "The token given has expired", at)
	case t.count >= tokenPages:
		return nil, wire.Bad("PAGINATION_LIMIT_EXCEEDED",
			"You can only get up to first 100000 records using page_token param",
			wire.Details{Limit: json.RawMessage("100000")})
	}
	return &t, nil
}

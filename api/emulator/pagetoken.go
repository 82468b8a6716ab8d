package emulator

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"net/url"
	"strings"
	"time"
)

// Zoho CRM API v7, Get Records, Parameters and Possible Errors.
const (
	discretePages  = 2000           // rows without a page token
	tokenPages     = 100_000        // rows with page tokens
	pageTokenTTL   = 24 * time.Hour // of a page token
	pageTokenBytes = 6 * 8
)

// A pageToken is a place in a list. It is good for the same parameters only.
// Nothing of it is kept here: it is all in the token, which is the same for
// every user, as there is only one.
type pageToken struct {
	bound   uint64 // to these parameters
	expires int64  // Unix time
	count   int    // rows before the place
	last    cursor // the row before the place
}

// A cursor is a row's place in a list: by its sort value, then by its id.
type cursor struct {
	key int64
	id  id
}

func (t pageToken) String() string {
	b := make([]byte, 0, pageTokenBytes)
	for _, n := range []uint64{t.bound, uint64(t.expires), uint64(t.count), uint64(t.last.key), uint64(t.last.id)} { //nolint:gosec // the bits are kept
		b = binary.BigEndian.AppendUint64(b, n)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(append(b, sum[:8]...))
}

func parsePageToken(s string) (pageToken, bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != pageTokenBytes {
		return pageToken{}, false
	}
	n := func(i int) uint64 { return binary.BigEndian.Uint64(b[8*i:]) }
	t := pageToken{bound: n(0), expires: int64(n(1)), count: int(n(2)), last: cursor{int64(n(3)), id(n(4))}} //nolint:gosec // the bits are kept
	return t, t.String() == s
}

// bind sums up the parameters that a page token is bound to: all but those
// that say where in the list to go on.
func (c *call) bind(query url.Values) uint64 {
	bound := url.Values{"If-Modified-Since": {c.r.Header.Get("If-Modified-Since")}}
	for name, values := range query {
		if name != "page" && name != "page_token" {
			bound[name] = values
		}
	}
	sum := sha256.Sum256([]byte(c.label + " " + strings.Join(c.ids, " ") + "?" + bound.Encode()))
	return binary.BigEndian.Uint64(sum[:])
}

// pageToken reads the token of a call, if it has one. Texts are those of the
// page, details those of the OpenAPI v8.0, get record.
func (c *call) pageToken(query url.Values, bound uint64, now time.Time) (*pageToken, error) {
	text := query.Get("page_token")
	if text == "" {
		return nil, nil
	}
	if query.Has("page") {
		return nil, bad("AMBIGUITY_DURING_PROCESSING", "You cannot use both page and page_token",
			details{AmbiguityDueTo: []paramRef{{"page"}, {"page_token"}}})
	}
	t, fine := parsePageToken(text)
	switch {
	case !fine:
		return nil, bad("INVALID_DATA", "The token given seems to be invalid", details{ParamName: "page_token"})
	case t.bound != bound:
		return nil, bad("TOKEN_BOUND_DATA_MISMATCH", "The page_token given seems to be invalid or input param is added or altered or deleted",
			details{ParamName: "page_token"})
	case now.Unix() >= t.expires:
		return nil, bad("EXPIRED_VALUE", "The token given has expired", details{ParamName: "page_token"})
	case t.count >= tokenPages:
		return nil, bad("PAGINATION_LIMIT_EXCEEDED", "You can only get up to first 100000 records using page_token param",
			details{Limit: []byte("100000")})
	}
	return &t, nil
}

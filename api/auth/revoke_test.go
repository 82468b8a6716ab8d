package auth

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRevoke(t *testing.T) {
	t.Parallel()
	z := answers(t, 200, `{"status":"success"}`)
	c := z.client()
	c.Secret = "" // revoking needs none
	if err := c.Revoke(t.Context(), canaryRefresh); err != nil {
		t.Error(err)
	}
	want := []request{{"POST https://accounts.zoho.eu/oauth/v2/token/revoke", url.Values{"token": {canaryRefresh}}}}
	if diff := cmp.Diff(want, z.seen, cmp.AllowUnexported(request{})); diff != "" {
		t.Error(diff)
	}
	if refused(t, c.Revoke(t.Context(), "")); z.count() != 1 {
		t.Error("sent without a token")
	}
}

func TestRevokeFailures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status    int
		body      string
		temporary bool
	}{
		{400, `{"error":"invalid_token","error_description":"` + canaryRefresh + `"}`, false},
		{400, `{"status":"failure"}`, false},
		{200, `{"error":"invalid_code"}`, false},
		{200, `{"status":"failure"}`, false},
		{200, `{}`, false},
		{200, `<html>` + canaryRefresh, true},
		{503, ``, true},
	} {
		err := answers(t, c.status, c.body).client().Revoke(t.Context(), canaryRefresh)
		if e := refused(t, err); e.Temporary() != c.temporary {
			t.Errorf("%d %s: %v", c.status, c.body, e)
		}
	}
}

package api

import "testing"

func TestCountRecords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   int64
		ok     bool
	}{
		// Zoho CRM API v7, Record Count in a Module.
		"sample":         {200, `{"count":694}`, 694, true},
		"as text":        {200, `{"count":"3"}`, 3, true},
		"zero":           {200, `{"count":0}`, 0, true},
		"nothing":        {204, ``, 0, true},
		"beyond a float": {200, `{"count":9007199254740993}`, 9007199254740993, true},
		"null":           {200, `{"count":null}`, 0, false},
		"none":           {200, `{}`, 0, false},
		"a list":         {200, `{"count":[1]}`, 0, false},
		"data":           {200, `{"data":[{"count":1}]}`, 0, false},
		"below zero":     {200, `{"count":-1}`, 0, false},
		"a fraction":     {200, `{"count":6.94e2}`, 0, false},
		"a word":         {200, `{"count":"many"}`, 0, false},
		"an object":      {200, `{"count":{"n":1}}`, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, script(says(c.status, c.body)), Config{Once: true})
			got, err := client.CountRecords(t.Context(), "Deals", "")
			if (err == nil) != c.ok || got != c.want {
				t.Errorf("%d, %v", got, err)
			}
			if err != nil && (failure(t, err).Uncertain || !NotOffered(err)) {
				t.Errorf("%#v", err)
			}
			if kinds := client.pacer.CallStats().Kinds; kinds["GET /Deals/actions/count"] != 1 {
				t.Errorf("%v", kinds)
			}
		})
	}
}

func TestCountRecordsOnTheWire(t *testing.T) {
	t.Parallel()
	for criteria, want := range map[string]string{
		"":                          "",
		"(Stage:equals:Closed Won)": "?criteria=%28Stage%3Aequals%3AClosed+Won%29",
	} {
		line, _, _ := wire(t, "v6", `{"count":1}`, func(c *Client) {
			if _, err := c.CountRecords(t.Context(), "Deals", criteria); err != nil {
				t.Error(err)
			}
		})
		if want := "GET https://www.zohoapis.test/crm/v6/Deals/actions/count" + want; line != want {
			t.Errorf("got %s, want %s", line, want)
		}
	}
}

func TestCountRecordsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status     int
		body       string
		notOffered bool
		ends       End
	}{
		"scope":          {401, flat("OAUTH_SCOPE_MISMATCH", `{}`), true, EndSignIn},
		"two selections": {400, flat("AMBIGUITY_DURING_PROCESSING", `{"ambiguity_due_to":[{"param_name":"cvid"}]}`), false, EndNone},
		"criteria":       {400, flat("INVALID_QUERY", `{"reason":"invalid query formed"}`), false, EndNone},
		"no such path":   {404, flat("INVALID_URL_PATTERN", `{}`), true, EndRefused},
	} {
		_, err := newClient(t, script(says(c.status, c.body)), Config{}).CountRecords(t.Context(), "Deals", "x")
		if e := failure(t, err); NotOffered(e) != c.notOffered || e.Ends != c.ends || QueryLimited(e) {
			t.Errorf("%s: %#v", name, e)
		}
	}
}

package api

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// A lone write that hangs (never answered, each attempt cut after a minute) while GET /org is answered.
func TestLoneCallThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		orgs := 0
		w.answer = func(_ int, r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/crm/v8/org" {
				orgs++
				return response(200, orgAnswer), nil
			}
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		began := time.Now()
		_, err := assignOne(t.Context(), newClient(t, w, Config{}))
		if e := failure(t, err); e.Ends != EndNone {
			t.Errorf("ends %v after %v, %d attempts, %d probes: %v", e.Ends, time.Since(began), e.Attempts, orgs, e)
		}
	})
}

// INVALID_DATA of two kinds: the order of the items decides nothing.
func TestAlikeByCodeOnly(t *testing.T) {
	t.Parallel()
	w := script(says(207, itemsOf(`INVALID_DATA {"id":"1","resource_path_index":2}`, `INVALID_DATA {"id":"2"}`)))
	_, err := newClient(t, w, Config{}).RemoveContactRoles(t.Context(), "1", []string{"1", "2"})
	w = script(says(207, itemsOf(`INVALID_DATA {"id":"1"}`, `INVALID_DATA {"id":"2","resource_path_index":2}`)))
	_, err2 := newClient(t, w, Config{}).RemoveContactRoles(t.Context(), "1", []string{"1", "2"})
	if (err == nil) != (err2 == nil) {
		t.Error("order decides")
	}
}

// A server fault or a 429 in one item of several is not that row's certain failure.
func TestServerFaultInOneItem(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"INTERNAL_ERROR", "TOO_MANY_REQUESTS"} {
		w := script(says(207, itemsOf("SUCCESS", code)))
		out, err := newClient(t, w, Config{}).RemoveContactRoles(t.Context(), "1", []string{"1", "2"})
		if err != nil {
			t.Fatal(err)
		}
		if e := out[1].Err; !e.Uncertain {
			t.Errorf("%s: certain: %#v", code, e)
		}
	}
}

// A 500 whose first item is a success is no error with the code of a success.
func TestTraceOfSuccessIn500(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := script(says(500, itemsOf("SUCCESS", "INTERNAL_ERROR")))
		_, err := newClient(t, w, Config{}).RemoveContactRoles(t.Context(), "1", []string{"1", "2"})
		if e := failure(t, err); e.Code == codeSuccess {
			t.Errorf("an error with the code SUCCESS: %v", e)
		}
	})
}

// A success that names another record is nobody's, whatever its path says.
func TestSuccessOfAnotherWithPath(t *testing.T) {
	t.Parallel()
	_, err := assignOne(t.Context(), newClient(t, script(says(200, itemsOf(`SUCCESS {"id":"9","json_path":"$.data[0].id"}`))), Config{}))
	if err == nil {
		t.Error("a success that names contact 9 is taken for contact 2's")
	}
}

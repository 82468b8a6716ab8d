package export

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rolecall/api"
	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
)

func TestCondition(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 1, 6, 0, 0, 0, time.FixedZone("", 2*60*60))
	for want, l := range map[string]lister{
		"id is not null":                               {},
		"(Stage = 'x' or Stage = 'y')":                 {where: "Stage = 'x' or Stage = 'y'"},
		"Modified_Time >= '2026-11-01T06:00:00+02:00'": {since: since},
	} {
		if got := l.condition(""); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for want, l := range map[string]lister{
		"id > '7'": {},
		"((Stage = 'x' or Stage = 'y') and id > '7')":                 {where: "Stage = 'x' or Stage = 'y'"},
		"(Modified_Time >= '2026-11-01T06:00:00+02:00' and id > '7')": {since: since},
	} {
		if got := l.condition("7"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// More than one page by COQL, more than the 2,000 that Get Records gives by page number.
func TestListsBeyondAPage(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]emulator.Options{
		"COQL": {}, "Get Records": {Coql: "off"}, "unscoped": {Coql: "unscoped"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.Deals, o.Contacts = 2300, 1
			r := newRig(t, o)
			q := r.request("out.csv")
			q.DryRun = true
			res, err := Start(t.Context(), q)
			if err != nil || res.Stop != nil || res.Summary.Export.Plan.Deals != 2300 {
				t.Errorf("%+v, %v", res, err)
			}
		})
	}
}

// COQL's own offset ends at 10,000, if it gives 200 rows a call. The calls are a first one for 2,000 rows, which is
// refused, the count, and 52 pages.
func TestListsBeyondTheOffset(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Deals: 10_400, Contacts: 1, CoqlRows: 200})
	q := r.request("out.csv")
	q.DryRun = true
	res, err := Start(t.Context(), q)
	if err != nil || res.Stop != nil || res.Summary.Export.Plan.Deals != 10_400 ||
		res.Summary.Spent.Kinds["POST /coql"] != 54 {
		t.Errorf("%+v, %v", res, err)
	}
}

// In versions without page tokens pages are numbered to the end. In the others an export without a token after the
// 2,000th record is refused.
func TestListsWithoutTokens(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Deals: 2001, Contacts: 1, Coql: "off"})
	r.Version = "v2"
	q := r.request("out.csv")
	q.DryRun = true
	if res, err := Start(t.Context(), q); err != nil || res.Stop != nil || res.Summary.Export.Plan.Deals != 2001 {
		t.Errorf("%+v, %v", res, err)
	}
	r = newRigBehind(
		t,
		emulator.Options{Deals: 2001, Contacts: 1, Coql: "off"},
		alter(isList, func(body []byte) []byte {
			return regexp.MustCompile(`"next_page_token":"[^"]*"`).ReplaceAll(body, []byte(`"next_page_token":null`))
		}),
	)
	r.stops(r.request("out.csv"), job.Broken, "ZohoCRM.coql.READ")
}

// If v2 has a last page, the list continues with the records that were modified since. If that is not possible, the
// export fails. It never writes a part of the list.
func TestListsPastTheLastPage(t *testing.T) {
	t.Parallel()
	lastPage := func(last int) func(http.Handler) http.Handler {
		return func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if n, _ := strconv.Atoi(r.URL.Query().Get("page")); n > last {
					w.WriteHeader(http.StatusBadRequest)
					_, _ = io.WriteString(w, `{"code":"DISCRETE_PAGINATION_LIMIT_EXCEEDED","details":{"limit":400},`+
						`"message":"You can only get the first records","status":"error"}`)
					return
				}
				h.ServeHTTP(w, r)
			})
		}
	}
	r := newRigBehind(t, emulator.Options{Deals: 1050, Contacts: 1, Coql: "off"}, lastPage(2))
	r.Version = "v2"
	q := r.request("out.csv")
	q.DryRun = true
	if res, err := Start(t.Context(), q); err != nil || res.Stop != nil || res.Summary.Export.Plan.Deals != 1050 {
		t.Errorf("%+v, %v", res, err)
	}
	r = newRigBehind(t, emulator.Options{Deals: 300, Contacts: 1, Coql: "off"}, func(h http.Handler) http.Handler {
		same := alter(isList, func(body []byte) []byte { // all are modified in one second
			return regexp.MustCompile(`"Modified_Time":"[^"]*"`).ReplaceAll(body, []byte(`"Modified_Time":"2026-01-01T00:00:00Z"`))
		})(h)
		return lastPage(1)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("If-Modified-Since")
			same.ServeHTTP(w, r)
		}))
	})
	r.Version = "v2"
	r.stops(r.request("out.csv"), job.Broken, "more than 200 of them were modified in one second")
}

// alter changes what the server answers to some calls.
func alter(matches func(*http.Request, string) bool, change func(body []byte) []byte) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			if !matches(r, string(body)) {
				h.ServeHTTP(w, r)
				return
			}
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			answer := change(rec.Body.Bytes())
			maps.Copy(w.Header(), rec.Header())
			w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
			w.WriteHeader(rec.Code)
			_, _ = w.Write(answer)
		})
	}
}

// isList reports whether a call lists deals: by COQL or by Get Records.
func isList(r *http.Request, body string) bool {
	return strings.HasSuffix(r.URL.Path, "/coql") && !strings.Contains(body, "COUNT(") ||
		r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/Deals")
}

// withData changes the records of an answer.
func withData(change func([]json.RawMessage) []json.RawMessage) func([]byte) []byte {
	return func(body []byte) []byte {
		var answer map[string]json.RawMessage
		var data []json.RawMessage
		if json.Unmarshal(body, &answer) != nil || json.Unmarshal(answer["data"], &data) != nil {
			return body
		}
		answer["data"], _ = json.Marshal(change(data))
		b, _ := json.Marshal(answer)
		return b
	}
}

// A server that leaves a record out of its lists never causes a short file.
func TestListIsNotWhole(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]emulator.Options{"COQL": {}, "Get Records": {Coql: "off"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.Deals, o.Contacts = 250, 1
			drops := withData(func(data []json.RawMessage) []json.RawMessage { return slices.Delete(data, 3, 4) })
			r := newRigBehind(t, o, alter(isList, drops))
			q := r.request("out.csv")
			res := r.stops(q, job.Refused, "the list is incomplete: Zoho counts 250 Deals")
			if res.Summary.Spent.Kinds["GET /Deals/{id}/Contact_Roles"] != 0 {
				t.Error("deals were read")
			}
		})
	}
}

// A list is not whole if it differs from the first count and the second count fails, or if the first count fails.
func TestCountsThatFail(t *testing.T) {
	t.Parallel()
	isCount := func(_ *http.Request, body string) bool { return strings.Contains(body, "COUNT(") }
	fails := func(from int64, code string) func(http.Handler) http.Handler {
		var counts, lists atomic.Int64
		return func(h http.Handler) http.Handler {
			dropping := alter(func(r *http.Request, body string) bool { return isList(r, body) && lists.Add(1) == 1 },
				withData(func(data []json.RawMessage) []json.RawMessage { return data[1:] }))(h)
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
				if isCount(r, string(body)) && counts.Add(1) >= from {
					w.Header().Set("Content-Type", "application/json")
					w.WriteHeader(http.StatusForbidden)
					_, _ = io.WriteString(w, `{"code":"`+code+`","details":{},"message":"no","status":"error"}`)
					return
				}
				dropping.ServeHTTP(w, r)
			})
		}
	}
	for _, c := range []struct {
		from       int64
		code, says string
	}{
		{1, "SOMETHING_ELSE", "SOMETHING_ELSE"}, {2, "SOMETHING_ELSE", "SOMETHING_ELSE"},
		{2, "INVALID_QUERY", "the list is incomplete"},
	} {
		r := newRigBehind(t, emulator.Options{Deals: 30, Contacts: 1}, fails(c.from, c.code))
		q := r.request("out.csv")
		q.Options.Where = "id is not null"
		if res, err := Start(t.Context(), q); err == nil && res.Stop == nil ||
			!strings.Contains(fmt.Sprint(err, res), c.says) {
			t.Errorf("%s from count %d on: %+v, %v", c.code, c.from, res, err)
		}
	}
}

// A list that differs from Zoho's count is read once more before the export fails.
func TestListIsMadeAgain(t *testing.T) {
	t.Parallel()
	var lists atomic.Int64
	first := func(r *http.Request, body string) bool { return isList(r, body) && lists.Add(1) == 1 }
	r := newRigBehind(
		t,
		emulator.Options{Deals: 30, Contacts: 1},
		alter(first, withData(func(data []json.RawMessage) []json.RawMessage { return data[1:] })),
	)
	if text, _ := r.export(r.request("out.csv")); len(rowsIn(text)) != 30 || lists.Load() != 2 {
		t.Errorf("%d rows after %d lists", len(rowsIn(text)), lists.Load())
	}
}

// A server that returns the same page for ever is an error; a record that comes twice counts once.
func TestListRepeats(t *testing.T) {
	t.Parallel()
	same := withData(func(data []json.RawMessage) []json.RawMessage {
		return []json.RawMessage{json.RawMessage(`{"id":"5"}`), json.RawMessage(`{"id":"5"}`)}
	})
	r := newRigBehind(t, emulator.Options{Deals: 4300, Contacts: 1}, alter(isList, same))
	r.stops(r.request("out.csv"), job.Refused, "page 2 brings nothing new")
	twice := withData(func(data []json.RawMessage) []json.RawMessage { return append(data, data[0]) })
	r = newRigBehind(t, emulator.Options{Deals: 30, Contacts: 1}, alter(isList, twice))
	if text, _ := r.export(r.request("out.csv")); len(rowsIn(text)) != 30 {
		t.Errorf("%d rows", len(rowsIn(text)))
	}
}

// Records without content, or with nonsense in them, give an error or empty cells, and never a panic.
func TestListOfOddRecords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		record string
		fails  bool
	}{
		"no field":       {`{"id":"5"}`, false},
		"id as number":   {`{"id":5,"Deal_Name":"x"}`, false},
		"null":           {`null`, true},
		"no id":          {`{"Deal_Name":"x"}`, true},
		"list for text":  {`{"id":"5","Deal_Name":["a",{"name":"b"},null,3]}`, false},
		"object":         {`{"id":"5","Deal_Name":{},"Stage":{"id":null},"Owner.first_name":{"x":[1]}}`, false},
		"id no number":   {`{"id":"abc"}`, true},
		"id too long":    {`{"id":"123456789012345678901234567890"}`, true},
		"negative":       {`{"id":"-5"}`, true},
		"id with nought": {`{"id":"0005"}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			odd := withData(
				func([]json.RawMessage) []json.RawMessage { return []json.RawMessage{json.RawMessage(c.record)} },
			)
			r := newRigBehind(
				t,
				emulator.Options{Org: readOrg(t, `{"deals":[{"id":"5","Deal_Name":"x"}]}`)},
				alter(isList, odd),
			)
			res, err := Start(t.Context(), r.request("out.csv"))
			if failed := err != nil || res.Stop != nil; failed != c.fails {
				t.Errorf("%+v, %v", res, err)
			}
		})
	}
}

var dealIDs = regexp.MustCompile(`41508680000100\d+`)

// remove deletes a deal, as another user would.
func remove(t *testing.T, h http.Handler, q *http.Request, id string) {
	d := httptest.NewRequestWithContext(t.Context(), http.MethodDelete, "/crm/v8/Deals/"+id, nil)
	d.Header.Set("Authorization", q.Header.Get("Authorization"))
	rec := httptest.NewRecorder()
	if h.ServeHTTP(rec, d); rec.Code != http.StatusOK {
		t.Errorf("delete: %d %s", rec.Code, rec.Body)
	}
}

// A deal that is deleted while the others are listed is no error.
func TestListsWhileDealsComeAndGo(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]emulator.Options{
		"COQL": {CoqlRows: 200}, "Get Records": {Coql: "off"}, "v2": {Coql: "off"},
	} {
		for _, change := range []string{"last", "first"} {
			t.Run(name+", "+change, func(t *testing.T) {
				t.Parallel()
				o.Deals, o.Contacts = 250, 1
				var once sync.Once
				r := newRigBehind(t, o, func(h http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
						body, _ := io.ReadAll(q.Body)
						q.Body = io.NopCloser(strings.NewReader(string(body)))
						if !isList(q, string(body)) {
							h.ServeHTTP(w, q)
							return
						}
						rec := httptest.NewRecorder()
						h.ServeHTTP(rec, q)
						answer := rec.Body.String()
						if strings.Contains(answer, `"data"`) {
							once.Do(func() {
								id := jobtest.DealID(250)
								if change == "first" { // of the page: one that was listed already
									id = dealIDs.FindString(answer)
								}
								remove(t, h, q, id)
							})
						}
						w.Header().Set("Content-Type", "application/json")
						w.WriteHeader(rec.Code)
						_, _ = io.WriteString(w, answer)
					})
				})
				if name == "v2" { // it has page numbers and no tokens: a deletion moves the records after it
					r.Version = "v2"
				}
				text, res := r.export(r.request("out.csv"))
				if n := len(rowsIn(text)); n != 249 || res.Summary.Export.Counts.Deals != 249 {
					t.Errorf("%d rows, %+v", n, res.Summary.Export.Counts)
				}
			})
		}
	}
}

// model is an org that is listed only by Get Records, as Zoho documents it: sorted by Modified_Time, with tokens up to
// some record, and with If-Modified-Since for newer records.
type model struct {
	records []modelRecord // by time, then id
	// The list that the last token is of.
	since time.Time

	window int // where it ends a list
}

type modelRecord struct {
	id       int
	modified time.Time
}

func (m *model) Query(context.Context, string, int) (api.Page, error) {
	return api.Page{}, &api.Error{Code: "NOT_SUPPORTED", HTTP: 403, Message: "not here"}
}

func (m *model) QueryCount(context.Context, string) (int64, error) {
	return 0, &api.Error{Code: "NOT_SUPPORTED", HTTP: 403, Message: "not here"}
}

func (m *model) CountRecords(context.Context, string, string) (int64, error) {
	return int64(len(m.records)), nil
}

func (m *model) Records(_ context.Context, _ string, q api.RecordsQuery) (api.Page, error) {
	from := 0
	if q.Token != "" {
		n, err := strconv.Atoi(q.Token)
		if err != nil || !q.ModifiedSince.Equal(m.since) || q.Page != 0 || n >= m.window {
			return api.Page{}, fmt.Errorf("token %q with %+v", q.Token, q)
		}
		from = n
	} else if q.Page > 1 {
		from = (q.Page - 1) * api.MostPerPage
	}
	if q.SortBy != modifiedTime || q.SortOrder != "asc" || !slices.Contains(q.Fields, modifiedTime) {
		return api.Page{}, fmt.Errorf("%+v", q)
	}
	m.since = q.ModifiedSince
	start, _ := slices.BinarySearchFunc(
		m.records,
		q.ModifiedSince,
		func(r modelRecord, at time.Time) int { return cmp.Or(r.modified.Compare(at), -1) },
	)
	if q.ModifiedSince.IsZero() {
		start = 0
	}
	newer := m.records[start:]
	to := min(from+api.MostPerPage, len(newer))
	page := api.Page{More: to < len(newer)}
	if page.More {
		page.Token = strconv.Itoa(to)
	}
	for _, r := range newer[from:to] {
		page.Records = append(
			page.Records,
			api.Record{
				ID: strconv.Itoa(r.id),
				Fields: map[string]json.RawMessage{
					modifiedTime: json.RawMessage(strconv.Quote(r.modified.Format(time.RFC3339))),
				},
			},
		)
	}
	return page, nil
}

// listed is a sink: the records by id.
type listed map[string]api.Record

func (l listed) add(records []api.Record) error {
	for _, r := range records {
		l[r.ID] = r
	}
	return nil
}

func (l listed) count() (int64, error) { return int64(len(l)), nil }
func (l listed) clear() error          { clear(l); return nil }

// notes is a job.Notebook.
type notes map[string]json.RawMessage

func (n notes) Put(key string, value any) (err error) { n[key], err = json.Marshal(value); return err }
func (n notes) Forget(key string) error               { delete(n, key); return nil }
func (n notes) Get(key string, into any) error {
	if n[key] == nil {
		return nil
	}
	return json.Unmarshal(n[key], into)
}

// asListed is a complete function that changes nothing.
func asListed(_ context.Context, records []api.Record, _ bool) ([]api.Record, error) {
	return records, nil
}

// Without COQL, Zoho ends a list at 100,000 records, and this model at 3,000. More records are listed in windows, also
// if many records were modified in the second in which a window ends.
func TestWindows(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		records int
		second  func(i int) int // in which record i was modified
		fails   string
	}{
		"a second each":        {3_300, func(i int) int { return i }, ""},
		"a window to the last": {3_000, func(i int) int { return i }, ""},
		"one more":             {3_001, func(i int) int { return i }, ""},
		"seconds of 700":       {3_300, func(i int) int { return i / 700 }, ""},
		"more than a window in one": {
			3_300, func(i int) int { return 7 }, "more than 3,000 of them were modified in one second",
		},
		"nearly a window in one":      {5_700, func(i int) int { return min(i, 2_850) }, ""},
		"nothing":                     {0, nil, ""},
		"one second, fewer than that": {400, func(i int) int { return 7 }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &model{window: 3_000}
			for i := range c.records {
				m.records = append(
					m.records,
					modelRecord{id: i + 1, modified: began.Add(time.Duration(c.second(i)) * time.Second)},
				)
			}
			to := listed{}
			l := &lister{
				zoho: m, desk: job.Desk{Notebook: notes{}, Say: func(string) {}}, to: to, module: modDeals,
				fields: usual(modDeals), window: m.window, complete: asListed,
			}
			err := l.list(t.Context())
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Errorf("%v, want %q", err, c.fails)
				}
				return
			}
			if err != nil || len(to) != c.records {
				t.Errorf("%d of %d listed: %v", len(to), c.records, err)
			}
		})
	}
}

// If a server sends the same page or the same token again and again, the export soon fails.
func TestListsThatRepeatThemselves(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		token func(page int64) string
		id    func(page int64) int64
		says  string
	}{
		"a page twice": {
			func(page int64) string { return fmt.Sprint("t", page) }, func(int64) int64 { return 7 },
			"page 2 brings nothing new",
		},
		"two pages in turn": {
			func(page int64) string { return fmt.Sprint("t", page) }, func(page int64) int64 { return 7 + page%2 },
			"page 3 brings nothing new",
		},
		"a token twice": {
			func(int64) string { return "t" }, func(page int64) int64 { return page }, "page 2 names a next page",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var pages atomic.Int64
			r := newRigBehind(t, emulator.Options{Deals: 5, Contacts: 1, Coql: "off"},
				front(func(w http.ResponseWriter, q *http.Request, _ string) bool {
					if q.Method != http.MethodGet || !strings.HasSuffix(q.URL.Path, "/Deals") {
						return false
					}
					page := pages.Add(1)
					jobtest.Answer(w, http.StatusOK, fmt.Sprintf(
						`{"data":[{"id":"%d","Modified_Time":"2026-01-01T00:00:00+00:00"}],`+
							`"info":{"more_records":true,"next_page_token":%q}}`, c.id(page), c.token(page)))
					return true
				}))
			r.stops(r.request("out.csv"), job.Refused, c.says)
			if pages.Load() > 3 {
				t.Errorf("%d pages were read", pages.Load())
			}
		})
	}
}

// twoPages is an org with two pages of one record. It reports when the second page is requested.
type twoPages struct {
	zoho
	second chan struct{}
}

func (z twoPages) QueryCount(context.Context, string) (int64, error) { return 2, nil }

func (z twoPages) Query(_ context.Context, query string, _ int) (api.Page, error) {
	if strings.Contains(query, "id > '1'") {
		close(z.second)
		return api.Page{Records: []api.Record{{ID: "2"}}}, nil
	}
	return api.Page{Records: []api.Record{{ID: "1"}}, More: true}, nil
}

// slow is a sink that stores the first page only once the second one is asked for.
type slow struct {
	listed
	second chan struct{}
}

func (s slow) add(records []api.Record) error {
	<-s.second
	return s.listed.add(records)
}

// A page is stored while the next one is fetched, so that Zoho never waits for the database.
func TestPagesAreStoredMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		second, to := make(chan struct{}), listed{}
		l := &lister{
			zoho: twoPages{second: second}, desk: job.Desk{Notebook: notes{}, Say: func(string) {}},
			to: slow{to, second}, module: modDeals, complete: asListed,
		}
		if err := l.list(t.Context()); err != nil || len(to) != 2 {
			t.Errorf("%d records: %v", len(to), err)
		}
	})
}

package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"rolecall/api/emulator"
)

// nothing is a ResponseWriter that keeps nothing.
type nothing struct {
	header http.Header
	status int
}

func (n *nothing) Header() http.Header         { return n.header }
func (n *nothing) Write(b []byte) (int, error) { return len(b), nil }
func (n *nothing) WriteHeader(status int)      { n.status = status }

func benchToken(b testing.TB, e *emulator.Emulator) string {
	b.Helper()
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "http://zoho/oauth/v2/token?"+refreshForm().Encode(), nil))
	_, after, _ := strings.Cut(w.Body.String(), `"access_token":"`)
	token, _, _ := strings.Cut(after, `"`)
	return "Zoho-oauthtoken " + token
}

// BenchmarkPut is the handler alone, in process.
func BenchmarkPut(b *testing.B) {
	for name, file := range map[string]string{"memory": "", "file": filepath.Join(b.TempDir(), "state")} {
		b.Run(name, func(b *testing.B) {
			e, err := emulator.New(emulator.Options{Deals: 1_000_000, Contacts: 100_000, InFlight: 1000, State: file})
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			header := http.Header{"Authorization": {benchToken(b, e)}}
			var n atomic.Int64
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := n.Add(1)
					r, _ := http.NewRequest(http.MethodPut, fmt.Sprintf("http://zoho/crm/v8/Deals/%d/Contact_Roles/%d",
						4150868000010000000+i%1_000_000+1, 4150868000020000000+i%100_000+1), strings.NewReader(byID(purchasing)))
					r.Header = header
					w := nothing{header: http.Header{}}
					e.ServeHTTP(&w, r)
					if w.status != http.StatusOK {
						b.Errorf("status %d", w.status)
						return
					}
				}
			})
		})
	}
}

// BenchmarkLoopback is the whole way, with Go's client in the same process.
func BenchmarkLoopback(b *testing.B) {
	e, err := emulator.New(emulator.Options{Deals: 1_000_000, Contacts: 100_000, InFlight: 1000})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(e)
	defer server.Close()
	token := benchToken(b, e)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	var n atomic.Int64
	b.SetParallelism(10)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			r, _ := http.NewRequest(http.MethodPut, fmt.Sprintf("%s/crm/v8/Deals/%d/Contact_Roles/%s", server.URL,
				4150868000010000000+i%1_000_000+1, contact1), strings.NewReader(byID(purchasing)))
			r.Header.Set("Authorization", token)
			resp, err := client.Do(r)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	})
}

// post sends a query in process and gives the status.
func post(e http.Handler, token, body string) int {
	r, _ := http.NewRequest(http.MethodPost, "http://zoho/crm/v8/coql", strings.NewReader(body))
	r.Header = http.Header{"Authorization": {token}}
	w := nothing{header: http.Header{}}
	e.ServeHTTP(&w, r)
	return w.status
}

// BenchmarkCOQLPage is a page of 2,000 deals by id, of an export's fields, and
// one that a filter leaves.
func BenchmarkCOQLPage(b *testing.B) {
	const fields = "Deal_Name, Stage, Account_Name, Owner, Closing_Date"
	for name, where := range map[string]string{"by id": "id > '4150868000010020000'", "filtered": "(id > '4150868000010020000' and Stage = 'Closed Won')"} {
		for _, deals := range []int{50_000, 1_000_000} {
			b.Run(fmt.Sprintf("%s, %d deals", name, deals), func(b *testing.B) {
				e, err := emulator.New(emulator.Options{Deals: deals})
				if err != nil {
					b.Fatal(err)
				}
				token := benchToken(b, e)
				query := selecting(fields + " from Deals where " + where + " order by id asc limit 2000")
				b.ReportAllocs()
				for b.Loop() {
					if status := post(e, token, query); status != http.StatusOK {
						b.Fatalf("status %d", status)
					}
				}
			})
		}
	}
}

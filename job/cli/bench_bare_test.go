package cli_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// benchBody asks for the role of the rows. A name is enough (Zoho CRM API v8, Add Contact Roles to a Specific Deal).
const benchBody = `{"data":[{"Contact_Role":{"name":"Purchasing"}}]}`

// bareLoop is the yardstick: as many workers as the org has places send a PUT for each row, one after the other, with
// nothing but net/http, to a fresh org. It fetches a token first, as rolecall does; like rolecall's, that is in its
// time. It returns how long it took.
func bareLoop(b *testing.B, rows benchRows, latency time.Duration) time.Duration {
	b.Helper()
	o := newBenchOrg(b, rows, latency)
	defer o.end()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchPlaces}}
	defer client.CloseIdleConnections()
	paths := make(chan string)
	var workers errgroup.Group
	began := time.Now()
	token := o.token()
	for range benchPlaces {
		workers.Go(func() (err error) {
			for path := range paths {
				if err == nil { // else the others' work is only taken off the channel
					err = barePut(client, o.url+path, token)
				}
			}
			return err
		})
	}
	for deal, contact := range rows.all() {
		paths <- benchPath(deal, contact)
	}
	close(paths)
	err := workers.Wait()
	took := time.Since(began)
	if err != nil {
		b.Fatal(err)
	}
	return took
}

// benchPath is where a contact is put on a deal.
func benchPath(deal, contact int) string {
	return fmt.Sprintf("/crm/v8/Deals/%d/Contact_Roles/%d", deal, contact)
}

func barePut(client *http.Client, url, token string) error {
	return bareCall(client, http.MethodPut, url, token, benchBody, http.StatusOK)
}

func bareCall(client *http.Client, method, url, token, body string, want int) error {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Zoho-oauthtoken "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != want {
		return fmt.Errorf("%s: %s", url, res.Status)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

// bareCalls is how many calls a second the bare loop reaches at the benchmarks' latency, measured over as many rows as
// take it about twenty seconds.
func bareCalls(b *testing.B) float64 {
	b.Helper()
	rows := benchRows{n: benchOf(2000), perDeal: benchDeal}
	return perSecond(rows.n, bareLoop(b, rows, benchLatency))
}

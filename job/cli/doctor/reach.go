package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"rolecall/api/auth"
	"rolecall/job/cli/profile"
)

// reachPatience is how long to wait for a server's answer.
const reachPatience = 10 * time.Second

// How far the clock may be off. By this clock a token is used until a minute before the end of its hour. Servers that
// check times usually refuse a difference of five minutes (RFC 4120, 8.2).
const (
	skewWarning = time.Minute
	skewError   = 5 * time.Minute
)

// reached is the result of a request to a server.
type reached struct {
	err    error
	status int
	skew   time.Duration // this clock's time less the server's
	dated  bool          // the answer has a date, so skew is known
}

// examineReach checks that the servers answer, and compares the clock with their answers. It sends no secret.
func (d *Doctor) examineReach(ctx context.Context, here profile.Place) (accountsThere, apiThere bool) {
	var accounts, crm reached
	var wg sync.WaitGroup
	wg.Go(func() { accounts = reach(ctx, here.Credentials.AccountsURL) })
	wg.Go(func() { crm = reach(ctx, here.APIURL) })
	wg.Wait()
	accountsThere = d.showReached("accounts", "accounts server", here.Credentials.AccountsURL, accounts)
	apiThere = d.showReached("api", "API", here.APIURL, crm)
	switch {
	case accounts.dated:
		d.clock(accounts.skew)
	case crm.dated:
		d.clock(crm.skew)
	case accounts.err == nil || crm.err == nil:
		d.warn("clock", "no answer says what time it is", "compare this machine's clock yourself")
	default:
		d.skip("clock")
	}
	return accountsThere, apiThere
}

func (d *Doctor) showReached(name, what, address string, r reached) bool {
	host := address
	if u, err := url.Parse(address); err == nil {
		host = u.Host
	}
	switch {
	case auth.IsCertificate(r.err):
		d.fail(SignIn, name, fmt.Sprintf("the certificate of the %s %s cannot be trusted: %v", what, host, r.err),
			"look at this machine's clock, at its certificates (of a company's proxy too), "+
				"and at whether the address is right")
	case r.err != nil:
		d.fail(Temporary, name, fmt.Sprintf("the %s %s cannot be reached: %v", what, host, r.err),
			"look at the network, at HTTPS_PROXY, and at whether the address is right (the data centre)")
	case r.status >= http.StatusInternalServerError:
		d.fail(Temporary, name, fmt.Sprintf("the %s %s answers HTTP %d", what, host, r.status),
			"try again later; https://status.zoho.com says whether Zoho knows of it")
	default:
		d.ok(name, "the %s %s answers", what, host)
		return true
	}
	return false
}

// reach sends a server a HEAD request.
func reach(ctx context.Context, address string) reached {
	ctx, cancel := context.WithTimeout(ctx, reachPatience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, strings.TrimSuffix(address, "/")+"/", nil)
	if err != nil {
		return reached{err: errors.New("not an address that can be asked")}
	}
	r.Header.Set("Cache-Control", "no-cache") // a cached answer has an old time
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	began := time.Now()
	answer, err := client.Do(r)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return reached{err: failed.Err}
	}
	if err != nil {
		return reached{err: err}
	}
	_ = answer.Body.Close()
	found := reached{status: answer.StatusCode}
	if said, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		took := time.Since(began)
		found.skew, found.dated = began.Add(took/2).Sub(said), true
	}
	return found
}

// clock reports how far the clock is off.
func (d *Doctor) clock(skew time.Duration) {
	off := skew.Abs().Round(time.Second)
	way := "behind"
	if skew > 0 {
		way = "ahead"
	}
	message := fmt.Sprintf("this machine's clock is %s %s of Zoho's", off, way)
	next := "set the clock, best by the system's time service (timedatectl set-ntp true, or the like)"
	switch {
	case off > skewError:
		d.fail(SignIn, "clock", message+": rolecall uses tokens that have ended, or drops good ones", next)
	case off > skewWarning:
		d.warn("clock", message, next)
	default:
		d.ok("clock", "within a minute of Zoho's")
	}
}

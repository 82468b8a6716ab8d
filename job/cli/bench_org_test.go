package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"rolecall/api/emulator"
)

const (
	benchPlaces  = 10         // calls in flight of the edition below (Zoho CRM API v8, API Limits)
	benchEdition = "standard" //
	// The latency of a call, if it has any: about that of an org in the same continent.
	benchLatency = 100 * time.Millisecond
)

// benchOrg is an emulator in a process of its own: what it costs is not in the client's figures.
type benchOrg struct {
	b   *testing.B
	cmd *exec.Cmd
	url string
}

// newBenchOrg starts a fresh org that has the deals of the rows. It ends with the benchmark, unless it is ended before.
func newBenchOrg(b *testing.B, rows benchRows, latency time.Duration, args ...string) *benchOrg {
	b.Helper()
	args = append([]string{"emulate", "--listen", "127.0.0.1:0", "--edition", benchEdition, "--deals",
		strconv.Itoa(rows.deals()), "--contacts", strconv.Itoa(benchContacts),
		"--latency", latency.String()}, args...)
	o := &benchOrg{b: b, cmd: exec.CommandContext(b.Context(), "rolecall", args...)}
	o.cmd.Env = plainEnv()
	out, err := o.cmd.StdoutPipe()
	if err == nil {
		err = o.cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(o.end)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatalf("%s says no URL: %v", strings.Join(o.cmd.Args, " "), err)
	}
	o.url = strings.TrimSpace(line)
	return o
}

// end ends the org. A second time does nothing.
func (o *benchOrg) end() {
	_ = o.cmd.Process.Kill() // it is over already, or it keeps nothing
	_ = o.cmd.Wait()
}

// token signs in.
func (o *benchOrg) token() string {
	o.b.Helper()
	res, err := http.PostForm(o.url+"/oauth/v2/token", url.Values{
		"grant_type": {"refresh_token"}, "client_id": {"bench"}, "client_secret": {"x"}, "refresh_token": {"emulator"},
	})
	if err != nil {
		o.b.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.Token == "" {
		o.b.Fatalf("no token: %v", err)
	}
	return answer.Token
}

// get reads what the emulator says of itself.
func (o *benchOrg) get(name string, into any) error {
	res, err := http.Get(o.url + "/__emulator/" + name)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return json.NewDecoder(res.Body).Decode(into)
}

// stats are what has happened so far.
func (o *benchOrg) stats() (s emulator.Stats) {
	o.b.Helper()
	if err := o.get("stats", &s); err != nil {
		o.b.Fatal(err)
	}
	return s
}

// writesOf counts the writes that came.
func writesOf(s emulator.Stats) (n int) {
	for label, calls := range s.Calls {
		if strings.HasPrefix(label, http.MethodPut) {
			n += calls
		}
	}
	return n
}

// callsOf counts the calls that came.
func callsOf(s emulator.Stats) (n int) {
	for _, calls := range s.Calls {
		n += calls
	}
	return n
}

// limit changes how many calls are let in at one time, and returns when.
func (o *benchOrg) limit(places int) time.Time {
	o.b.Helper()
	res, err := http.Post(o.url+"/__emulator/limits", "application/json", strings.NewReader(fmt.Sprintf(`{"in_flight": %d}`, places)))
	if err != nil {
		o.b.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		o.b.Fatal(res.Status)
	}
	return time.Now()
}

// has checks that the org's deals have the contacts of the rows in their role, and nobody else.
func (o *benchOrg) has(rows benchRows) {
	o.b.Helper()
	var state struct {
		Deals map[string]struct {
			Roles map[string]emulator.RoleRef `json:"contact_roles"`
		}
	}
	if err := o.get("state", &state); err != nil {
		o.b.Fatal(err)
	}
	n := 0
	for _, deal := range state.Deals {
		n += len(deal.Roles)
	}
	for deal, contact := range rows.all() {
		if role := state.Deals[strconv.Itoa(deal)].Roles[strconv.Itoa(contact)]; role.Name != "Purchasing" {
			o.b.Fatalf("contact %d on deal %d has the role %q", contact, deal, role.Name)
		}
	}
	if n != rows.n {
		o.b.Fatalf("the org has %d contacts on deals, want %d", n, rows.n)
	}
}

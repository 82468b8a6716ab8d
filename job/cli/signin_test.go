package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"rolecall/api/emulator"
)

// cmdGrant is: grant FILE SCOPES [TTL]. It has a self client's code made, as the API console does, and puts it into a
// file of the owner's alone; TTL is in seconds.
func cmdGrant(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: grant FILE SCOPES [TTL]")
	}
	body := `{"scope": "` + args[1] + `"}`
	if len(args) == 3 {
		body = `{"scope": "` + args[1] + `", "ttl": ` + args[2] + `}`
	}
	var answer struct{ Code string }
	ts.Check(json.Unmarshal([]byte(post(ts, "/__emulator/grant", body)), &answer))
	worldOf(ts).give(answer.Code)
	ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(args[0])), 0o700))
	ts.Check(os.RemoveAll(ts.MkAbs(args[0]))) // with its mode
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(answer.Code+"\n"), 0o600))
}

// cmdClient is: client ID SECRET. From now on no other client may sign in.
func cmdClient(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: client ID SECRET")
	}
	post(ts, "/__emulator/client", `{"id": "`+args[0]+`", "secret": "`+args[1]+`"}`)
}

// cmdSkew is: skew DURATION. The emulator's clock is so far ahead of this machine's, or behind.
func cmdSkew(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: skew DURATION")
	}
	ahead, err := time.ParseDuration(args[0])
	ts.Check(err)
	w := worldOf(ts)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead = ahead
}

func post(ts *testscript.TestScript, path, body string) string {
	return postTo(ts, worldOf(ts).server.URL+path, body)
}

func postTo(ts *testscript.TestScript, path, body string) string {
	res, err := http.Post(path, "application/json", strings.NewReader(body))
	ts.Check(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	ts.Check(err)
	if res.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s", path, text)
	}
	return string(text)
}

// cmdCentre is: centre LOCATION. It opens another emulator, which is another data centre beside the script's "us", and
// names its address in the variable OTHER.
func cmdCentre(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: centre LOCATION")
	}
	here := worldOf(ts)
	there := newWorld()
	ts.Defer(there.close)
	ts.Check(there.put(emulator.Options{Location: args[0], TokenRequests: -1, DevicePolls: time.Millisecond}))
	ts.Setenv("OTHER", there.server.URL)
	others := map[string]string{"us": here.server.URL, args[0]: there.server.URL}
	for name, url := range others {
		for other, at := range others {
			if other != name {
				postTo(ts, url+"/__emulator/centres", `{"location": "`+name+`", "others": {"`+other+`": "`+at+`"}}`)
			}
		}
	}
}

// cmdConsent is: consent accept|deny|forged|stateless|stray FILE [LOCATION]. It is the browser: it waits until the
// address of a consent page stands in the file, and decides there, or comes back with a state of its own, none, or
// nothing at all. It prints the last page.
func cmdConsent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: consent DECISION FILE [LOCATION]")
	}
	page := awaitPage(ts, args[1])
	u, err := url.Parse(page)
	ts.Check(err)
	var res *http.Response
	switch args[0] {
	case "forged":
		res, err = http.Get(u.Query().Get("redirect_uri") + "?code=1000.forged&state=guessed")
	case "stray":
		res, err = http.Get(u.Query().Get("redirect_uri"))
		ts.Check(err)
		_, err = fmt.Fprintf(ts.Stdout(), "%d ", res.StatusCode)
	case "stateless":
		res, err = http.Get(u.Query().Get("redirect_uri") + "?code=1000.forged")
	default:
		res, err = http.PostForm(page, url.Values{"decision": {args[0]}, "location": args[2:]})
	}
	ts.Check(err)
	defer res.Body.Close()
	worldOf(ts).give(res.Request.URL.Query().Get("code"))
	text, err := io.ReadAll(res.Body)
	ts.Check(err)
	_, err = ts.Stdout().Write(text)
	ts.Check(err)
}

// awaitPage waits until the address of a page stands in the file.
func awaitPage(ts *testscript.TestScript, file string) string {
	var page string
	waitFor(ts, func() bool {
		text, err := os.ReadFile(ts.MkAbs(file))
		page = strings.TrimSpace(string(text))
		return err == nil && strings.HasSuffix(string(text), "\n")
	})
	return page
}

// cmdPast is: past FILE. It waits until a code that lives a second has been in the file for longer.
func cmdPast(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: past FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	waitFor(ts, func() bool { return time.Since(info.ModTime()) > time.Second })
}

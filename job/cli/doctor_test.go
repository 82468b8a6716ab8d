package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/cli/clitest"
	"rolecall/job/cli/command"
	"rolecall/job/cli/doctor"
	"rolecall/job/cli/profile"
)

// centre is an emulator at an address, whose answers a test may change.
func centre(t *testing.T, o emulator.Options, change func(http.Handler) http.Handler) string {
	t.Helper()
	o.TokenRequests = -1
	emu, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	var h http.Handler = emu
	if change != nil {
		h = change(emu)
	}
	s := httptest.NewServer(h)
	t.Cleanup(func() { s.Close(); _ = emu.Close() })
	return s.URL
}

// examined runs doctor with the connection variables of an emulator at an address, and gives its exit code, its checks
// by name, and what it said on stderr.
func examined(t *testing.T, url string, environ map[string]string) (int, map[string]finding, string) {
	t.Helper()
	env := map[string]string{profile.EnvAPIURL: url, profile.EnvAccountsURL: url, profile.EnvClientID: "x",
		profile.EnvClientSecret: canary, profile.EnvRefreshToken: "emulator"}
	maps.Copy(env, environ)
	p := newTestProcess(t, "", env)
	var stdout, stderr bytes.Buffer
	p.Stdout, p.Stderr = &stdout, &stderr
	code := run(t.Context(), p, []string{"doctor", "--json"})
	var all doctor.Checkup
	if err := json.Unmarshal(stdout.Bytes(), &all); err != nil {
		t.Fatalf("exit code %d: %v: %s%s", code, err, &stdout, &stderr)
	}
	if strings.Contains(stdout.String()+stderr.String(), canary) {
		t.Errorf("the client secret is told")
	}
	checks := map[string]finding{}
	for _, c := range all.Checks {
		checks[c.Name] = finding(c)
	}
	return code, checks, stderr.String()
}

// finding is what a check found.
type finding doctor.Check

func (c finding) wants(t *testing.T, status, says string) {
	t.Helper()
	if c.Status != status || !strings.Contains(c.Message+" -> "+c.Next, says) || status != "ok" && c.Next == "" {
		t.Errorf("got %q %q, next %q; want %s with %q", c.Status, c.Message, c.Next, status, says)
	}
}

// TestDoctorFindsTheCentre has a client that is known elsewhere: the centre is named, after it was said that the
// secrets go there.
func TestDoctorFindsTheCentre(t *testing.T) {
	t.Parallel()
	eu := centre(t, emulator.Options{Location: "eu", ClientID: "x", ClientSecret: canary}, nil)
	in := centre(t, emulator.Options{Location: "in", ClientID: "z", ClientSecret: "z"}, nil)
	us := centre(t,
		emulator.Options{ClientID: "y", ClientSecret: "y", OtherCentres: map[string]string{"eu": eu, "in": in}}, nil)
	code, checks, said := examined(t, us, map[string]string{profile.EnvAPIURL: us})
	if code != command.ExitSignIn {
		t.Errorf("exit code %d", code)
	}
	checks["token"].wants(t, "error", "invalid_client")
	checks["data-centre"].wants(t, "error", "known by the data centre eu")
	checks["data-centre"].wants(t, "error", eu)
	if !strings.Contains(said, "are now sent to 2 other data centres") {
		t.Errorf("it is not said that the secrets go elsewhere: %q", said)
	}
}

// TestDoctorFindsTheTokensCentre has a client of several data centres: the one that takes the refresh token is named,
// and where none does, that this one knows the client.
func TestDoctorFindsTheTokensCentre(t *testing.T) {
	t.Parallel()
	in := centre(t, emulator.Options{Location: "in", ClientID: "x", ClientSecret: canary}, nil)
	eu := centre(t, emulator.Options{Location: "eu", ClientID: "x", ClientSecret: canary}, nil)
	us := centre(t,
		emulator.Options{ClientID: "x", ClientSecret: canary, OtherCentres: map[string]string{"eu": eu, "in": in}}, nil)
	_, checks, _ := examined(t, us, map[string]string{profile.EnvRefreshToken: granted(t, eu, "ZohoCRM.modules.ALL")})
	checks["token"].wants(t, "error", "invalid_code")
	checks["data-centre"].wants(t, "error", "known by the data centre eu -> name the accounts server "+eu)
	_, checks, said := examined(t, us, map[string]string{profile.EnvRefreshToken: "revoked"})
	checks["data-centre"].wants(t, "ok",
		us+" knows the client: it is the refresh token that it refuses, and no other data centre takes it")
	if !strings.Contains(said, "are now sent to") {
		t.Errorf("it is not said that the secrets go elsewhere: %q", said)
	}
}

// TestDoctorLooksAtTheClock has a server whose clock differs: a minute is a word, five are an error.
func TestDoctorLooksAtTheClock(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		off    time.Duration
		code   int
		status string
		says   string
	}{
		"right":           {0, command.ExitOK, "ok", ""},
		"half a minute":   {30 * time.Second, command.ExitOK, "ok", ""},
		"two minutes":     {2 * time.Minute, command.ExitOK, "warning", "ahead"},
		"two behind":      {-2 * time.Minute, command.ExitOK, "warning", "behind"},
		"an hour off":     {time.Hour, command.ExitSignIn, "error", "1h0m"},
		"an hour behind":  {-time.Hour, command.ExitSignIn, "error", "behind"},
		"nothing is said": {-1, command.ExitOK, "warning", "no answer says"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := centre(t, emulator.Options{}, func(h http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Date", time.Now().Add(-c.off).UTC().Format(http.TimeFormat))
					if c.off == -1 {
						w.Header()["Date"] = nil
					}
					h.ServeHTTP(w, r)
				})
			})
			code, checks, _ := examined(t, url, nil)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			checks["clock"].wants(t, c.status, c.says)
		})
	}
}

// TestDoctorTriesScopes signs in with fewer scopes: the missing ones are named, with what they are for.
func TestDoctorTriesScopes(t *testing.T) {
	t.Parallel()
	const all = "ZohoCRM.modules.ALL,ZohoCRM.coql.READ,ZohoCRM.org.READ,ZohoCRM.users.READ," +
		"ZohoCRM.settings.related_lists.READ"
	for name, c := range map[string]struct {
		scopes string
		code   int
		status string
		says   string
	}{
		"all": {all, command.ExitOK, "ok", ""},
		"no modules": {strings.ReplaceAll(all, "ZohoCRM.modules.ALL,", ""), command.ExitSignIn, "error",
			"ZohoCRM.modules.contacts.READ (assign"},
		"no queries": {strings.ReplaceAll(all, "ZohoCRM.coql.READ,", ""), command.ExitOK, "warning",
			"ZohoCRM.coql.READ (without"},
		"no org": {strings.ReplaceAll(all, "ZohoCRM.org.READ,", ""), command.ExitOK, "warning",
			"ZohoCRM.org.READ (without"},
		"no users": {strings.ReplaceAll(all, "ZohoCRM.users.READ,", ""), command.ExitOK, "warning",
			"ZohoCRM.users.READ (without"},
		"no lists": {strings.ReplaceAll(all, ",ZohoCRM.settings.related_lists.READ", ""), command.ExitOK, "warning",
			"related_lists.READ (without"},
		"contacts only": {strings.ReplaceAll(all, "modules.ALL", "modules.contacts.ALL"), command.ExitSignIn, "error",
			"ZohoCRM.modules.deals.READ (assign"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := centre(t, emulator.Options{}, nil)
			code, checks, _ := examined(t, url, map[string]string{profile.EnvRefreshToken: granted(t, url, c.scopes)})
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			checks["token"].wants(t, "ok", "")
			checks["scopes"].wants(t, c.status, c.says)
		})
	}
}

// granted is a refresh token for those scopes.
func granted(t *testing.T, url, scopes string) string {
	t.Helper()
	form := "grant_type=authorization_code&client_id=x&client_secret=" + canary +
		"&code=" + clitest.Code(t, url, scopes)
	res, err := http.Post(url+"/oauth/v2/token", "application/x-www-form-urlencoded", strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var grant struct {
		Refresh string `json:"refresh_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&grant); err != nil {
		t.Fatal(err)
	}
	if grant.Refresh == "" {
		t.Fatal("no refresh token")
	}
	return grant.Refresh
}

// TestDoctorLooksAtTheOrg has an org whose deals do not show the list of contact roles, or which has no roles, or no
// credits: each is told with where to mend it.
func TestDoctorLooksAtTheOrg(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path, body string
		code       int
		check      string
		status     string
		says       string
	}{
		"hidden":       {"related_lists", `{"related_lists":[{"api_name":"Contact_Roles","status":"user_hidden"}]}`, command.ExitUsage, "contact-roles", "error", "user_hidden"},
		"not there":    {"related_lists", `{"related_lists":[{"api_name":"Notes","status":"visible"}]}`, command.ExitUsage, "contact-roles", "error", "no list Contact Roles"},
		"no roles":     {"Contacts/roles", `{"contact_roles":[]}`, command.ExitUsage, "roles", "error", "no contact roles"},
		"no edition":   {"org", `{"org":[{"id":"1","company_name":"Acme"}]}`, command.ExitOK, "limits", "warning", "5 calls in flight"},
		"users unread": {"users", `<html>`, command.ExitOK, "scopes", "warning", "ZohoCRM.users.READ"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := centre(t, emulator.Options{}, func(h http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if strings.HasPrefix(r.URL.Path, "/crm/") && strings.HasSuffix(r.URL.Path, "/"+c.path) {
						w.Header().Set("Content-Type", "application/json")
						_, _ = io.WriteString(w, c.body)
						return
					}
					h.ServeHTTP(w, r)
				})
			})
			code, checks, _ := examined(t, url, nil)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			checks[c.check].wants(t, c.status, c.says)
		})
	}
}

// TestDoctorLooksAtCredits has an org with few credits left by Zoho's own word.
func TestDoctorLooksAtCredits(t *testing.T) {
	t.Parallel()
	url := centre(t, emulator.Options{Credits: 9}, nil)
	code, checks, _ := examined(t, url, nil)
	if code != command.ExitOK {
		t.Errorf("exit code %d", code)
	}
	checks["credits"].wants(t, "warning", "3 of 51000 are left")
}

// TestDoctorLooksAtTheStore opens what is secret to others, and the way to mend it is told.
func TestDoctorLooksAtTheStore(t *testing.T) {
	t.Parallel()
	clitest.NeedModes(t)
	url := centre(t, emulator.Options{}, nil)
	state := t.TempDir()
	tokens := filepath.Join(state, "rolecall", "tokens")
	if err := os.MkdirAll(tokens, 0o700); err != nil {
		t.Fatal(err)
	}
	clitest.WriteFile(t, filepath.Join(tokens, "a.json"), "{}", 0o644)
	code, checks, _ := examined(t, url, map[string]string{"XDG_STATE_HOME": state})
	if code != command.ExitUsage {
		t.Errorf("exit code %d", code)
	}
	checks["store"].wants(t, "error", "chmod 600 "+filepath.Join(tokens, "a.json"))
}

// No error that doctor finds ends with exit code 0.
func TestExitCodeOfDoctor(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]int{
		&job.UsageError{Err: syscall.EACCES}: command.ExitUsage, &job.UsageError{Err: syscall.ENOSPC}: command.ExitStopped,
		&job.Stop{Reason: job.Outage}: command.ExitTemporary, &job.Stop{Reason: job.SignIn}: command.ExitSignIn,
		job.ErrLocked: command.ExitTemporary,
	} {
		if got := codeOfTrouble(troubleOf(err)); got != want {
			t.Errorf("%v: %d, want %d", err, got, want)
		}
	}
}

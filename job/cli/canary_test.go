//go:build unix

package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rolecall/api/emulator"
	"rolecall/job/cli/clitest"
)

// canaryLines is how each command is run in the test below, with every way to have it say more or less. A command that
// --help lists must be here.
func canaryLines() map[string][]string {
	return map[string][]string{
		"assign": {
			"assign in.csv", "assign in.csv -q", "assign in.csv -v", "assign in.csv -v --json --read-first on",
			"assign in.csv -n --json", "assign in.csv --results - -v --batch off",
		},
		"remove": {"remove in.csv --yes", "remove in.csv --yes -q --json", "remove in.csv -q",
			"remove in.csv -v --yes --ignore-not-found"},
		"export": {"export --changes changes.csv", "export -o - -v", "export -o out.xlsx --json --via contacts",
			"export -q --where Stage='x' --composite on", "export -n"},
		"roles list":     {"roles list --json"},
		"roles get":      {"roles get 4150868000000006871"},
		"roles export":   {"roles export -o -"},
		"roles import":   {"roles import roles.csv -v --json"},
		"roles delete":   {"roles delete Purchasing --yes -v"},
		"roles sync":     {"roles sync roles.csv --prune -v --yes"},
		"roles copy":     {"roles copy --from emulator --to acme -v"},
		"records export": {"records export Contacts -o - -v"},
		"records get":    {"records get Contacts 4150868000020000001 --json"},
		"records search": {"records search Contacts --word Bianchi"},
		"records insert": {"records insert Contacts people.csv -v --json"},
		"records update": {"records update Contacts contacts.csv -v --read-first on"},
		"records upsert": {"records upsert Contacts people.csv -v --duplicate-check Email"},
		"records delete": {"records delete Contacts contacts.csv -v --yes"},
		"users export":   {"users export -o - -v"},
		"show":           {"show 4150868000010000001 -q", "show 4150868000010000001 4150868000020000001 --json"},
		"plan":           {"plan in.csv -v", "plan in.csv --json -o plan.csv"},
		"apply":          {"apply in.csv --yes -v --json"},
		"verify":         {"verify in.csv -v"},
		"version":        {"version"},
		"completion":     {"completion bash"},
		"help":           {"help", "help salesforce"},
		"voice export":   {"voice export -o - -v"},
		"voice import":   {"voice import voice.csv -v --json"},
		"voice get":      {"voice get 1 --json"},
		"voice delete":   {"voice delete 1 --yes -v"},
		"voice statuses": {"voice statuses --json"},
		"undo":           {"undo run --yes -v --json", "undo run -n"},
		"why":            {"why run 1", "why run 2 --json"},
		"runs list":      {"runs", "runs list . --json"},
		"runs prune":     {"runs prune --older-than 1h -n", "runs prune --older-than 1h --yes --json"},
		"resume":         {"resume run", "resume run -v --json", "resume run -q"},
		"report":         {"report run", "report run -v --json", "report run -q"},
		"emulate":        {"emulate --listen 127.0.0.1:0 --state emulated.jsonl"},
		"profiles":       {"profiles", "profiles --json"},
		"doctor":         {"doctor", "doctor in.csv --json"},
		"auth login": {"auth login", "auth login --profile acme --code-file vault/code",
			"auth login --profile acme --device", "auth login --profile acme --browser --no-browser --port 0",
			"auth login --profile fresh --api-url $DOOR --client-id x <vault/both",
			"auth login --profile acme --new-secret --revoke-old <vault/both"},
		"auth status": {"auth status", "auth status --json"},
		"auth logout": {"auth logout", "auth logout --revoke", "auth logout --revoke --yes"},
	}
}

// canaryTrouble is a way in which Zoho treats all of them.
type canaryTrouble struct {
	well    bool // there is none
	options emulator.Options
	refresh string // in place of the one that is good
	silent  bool   // no connection is answered
	enough  int    // requests after which nothing new is learned: the command is then interrupted; 0: it ends by itself
}

func canaryTroubles() map[string]canaryTrouble {
	faults, err := emulator.ParseFaults("500=30%,html=15%,truncate=15%,drop=10%")
	if err != nil {
		panic(err)
	}
	return map[string]canaryTrouble{
		"none":          {well: true},
		"another":       {options: emulator.Options{ClientID: "another", ClientSecret: "another"}},
		"wrong secret":  {options: emulator.Options{ClientID: "x", ClientSecret: "another"}},
		"revoked":       {refresh: canaryRefresh + "-revoked"},
		"throttled":     {options: emulator.Options{TokenRequests: 1}, enough: 1},
		"failing":       {options: emulator.Options{Faults: faults}, enough: 8},
		"unreachable":   {silent: true, enough: 2},
		"without token": {options: emulator.Options{TokenTTL: time.Nanosecond}, enough: 12},
	}
}

// TestNothingSecretIsTold runs every command, when all goes well and in each trouble, with secrets that can be
// recognised: the client secret and the refresh token of the test, and each token that the emulator gives. When all
// goes well, each command runs at every verbosity. In trouble, those that sign in do; of the others, which fail by the
// same code at each, each trouble has a third, with one line each, and the next trouble the next. None of the secrets is
// in any output or file but the token cache and the secret store, which are their owner's alone.
func TestNothingSecretIsTold(t *testing.T) {
	t.Parallel()
	lines := canaryLines()
	listed := listedCommands(t)
	for _, name := range listed {
		if len(lines[name]) == 0 {
			t.Errorf("--help lists %s, which is not run here: say how in canaryLines", name)
		}
	}
	troubles := canaryTroubles()
	next := 0 // of the troubles
	for _, name := range slices.Sorted(maps.Keys(troubles)) {
		turn := next
		if !troubles[name].well {
			next++
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAviary(t, troubles[name])
			a.turns = turn
			for i, command := range listed {
				each := lines[command]
				if !a.trouble.well && len(each) > 0 && !strings.HasPrefix(command, "auth ") {
					if (i+turn)%3 != 0 {
						continue
					}
					each = each[turn%len(each):][:1]
				}
				for _, line := range each {
					a.try(command, line)
				}
			}
			a.proves(name)
		})
	}
}

// listedCommands are the commands that --help lists, those below others by both names.
func listedCommands(t *testing.T) (leaves []string) {
	t.Helper()
	for names := subcommands(help(t)); len(names) > 0; names = names[1:] {
		below := subcommands(help(t, strings.Fields(names[0])...))
		if names = append(names, below...); len(below) == 0 {
			leaves = append(leaves, names[0])
		}
	}
	return leaves
}

// aviary is where the canaries are: a machine, and a door before its Zoho at which every secret that Zoho gives is
// seen.
type aviary struct {
	*machine
	trouble canaryTrouble
	state   string
	url     string
	runs    int
	turns   int
	halfRun string // a copy of the run that is half done; "": not made yet

	mu      sync.Mutex
	secrets map[string]bool
	asked   int // requests since the command began
}

func newAviary(t *testing.T, trouble canaryTrouble) *aviary {
	t.Helper()
	a := &aviary{machine: newMachine(t, emulator.Options{}), trouble: trouble,
		secrets: map[string]bool{canarySecret: true, canaryRefresh: true, canaryGateway: true}}
	door := httptest.NewServer(a)
	t.Cleanup(func() { door.CloseClientConnections(); door.Close() })
	a.url = door.URL
	home := t.TempDir()
	a.state = filepath.Join(home, "state")
	a.env = append(slices.DeleteFunc(plainEnviron(), func(e string) bool { return strings.HasPrefix(e, "ROLECALL_") }),
		"HOME="+home, "XDG_STATE_HOME="+a.state,
		"XDG_CONFIG_HOME="+filepath.Join(home, "config"))
	a.write("in.csv", strings.Join(strings.SplitAfterN(bulkRows(0), "\n", 8)[:7], ""))
	a.write("roles.csv", "name\nChampion\nPurchasing\n")
	a.write("voice.csv", "first_name,mobile\nCanary,+12015550123\n")
	a.write("people.csv", "Last_Name,Email\nCanary,canary@example.com\n")
	a.write("contacts.csv", "id,Last_Name\n4150868000020000001,Canary\n")
	return a
}

// ServeHTTP passes a request on, and keeps what Zoho's accounts server gives.
func (a *aviary) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		a.mu.Lock()
		a.asked++ // and answered
		a.mu.Unlock()
	}()
	a.mu.Lock()
	silent := a.trouble.silent
	a.mu.Unlock()
	if silent && !strings.HasPrefix(r.URL.Path, "/__emulator/") {
		panic(http.ErrAbortHandler) // the connection is cut
	}
	if !strings.HasPrefix(r.URL.Path, "/oauth/") {
		a.w.ServeHTTP(w, r)
		return
	}
	answer := httptest.NewRecorder()
	a.w.ServeHTTP(answer, r)
	var given struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Device  string `json:"device_code"`
	}
	if json.Unmarshal(answer.Body.Bytes(), &given) == nil {
		a.keep(given.Access, given.Refresh, given.Device)
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = io.Copy(w, answer.Body)
}

func (a *aviary) keep(secrets ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range secrets {
		if s != "" {
			a.secrets[s] = true
		}
	}
}

// try runs a line from a fresh start, and looks everywhere after it. A profile whose secrets are in the store, the
// connection variables and a gateway take turns. A command that signs in has each of the first two if all goes well.
func (a *aviary) try(command, line string) {
	a.t.Helper()
	ways := []string{"profile", "variables", "gateway"}
	if strings.HasPrefix(command, "voice ") || command == "undo" || command == "resume" {
		ways = ways[:2] // a gateway does not serve Voice, and is another place than that of the run
	}
	a.turns++
	if a.trouble.well && strings.HasPrefix(command, "auth ") {
		ways = ways[:2]
	} else {
		ways = ways[a.turns%len(ways):][:1]
	}
	for _, way := range ways {
		a.prepare(command)
		env := append(slices.Clone(a.env), "DOOR="+a.url)
		refresh := a.refresh()
		switch {
		case way == "variables":
			env = append(env, "ROLECALL_API_URL="+a.url, "ROLECALL_ACCOUNTS_URL="+a.url, "ROLECALL_CLIENT_ID=x",
				"ROLECALL_CLIENT_SECRET="+canarySecret, "ROLECALL_REFRESH_TOKEN="+refresh)
		case way == "gateway" && command != "emulate":
			env = append(env, "ROLECALL_PROFILE=pink")
		case command != "emulate":
			env = append(env, "ROLECALL_PROFILE=acme")
		}
		if slices.Contains([]string{"assign", "remove", "roles import", "roles delete", "roles sync", "roles copy",
			"records insert", "records update", "records upsert", "records delete", "undo"}, command) {
			a.runs++
			env = append(env, fmt.Sprintf("ROLECALL_RUN_DIR=run%d", a.runs))
		}
		code, said := a.interrupted(command, line, env)
		if a.trouble.well && code > 1 && code != 130 && !strings.HasPrefix(command, "auth") && command != "resume" &&
			command != "report" {
			a.t.Errorf("%s by %s: exit code %d: %s", line, way, code, said)
		}
		a.looksAround(line+" by "+way, said)
	}
}

func (a *aviary) refresh() string {
	if a.trouble.refresh != "" {
		return a.trouble.refresh
	}
	return canaryRefresh
}

// prepare puts a fresh Zoho behind the door, and everything where a sign-in leaves it. Half of the run that resume and
// report find is done.
func (a *aviary) prepare(command string) {
	a.t.Helper()
	o := a.trouble.options
	if o.TokenRequests == 0 {
		o.TokenRequests = -1
	}
	o.Gateway.Key = canaryGateway
	check := func(err error) {
		if err != nil {
			a.t.Fatal(err)
		}
	}
	check(os.RemoveAll(filepath.Join(a.state, "rolecall", "tokens")))
	check(os.RemoveAll(filepath.Join(a.dir, "run")))
	store := filepath.Join(a.state, "rolecall", "secrets")
	for path, text := range map[string]string{
		filepath.Join(store, "acme-client-secret"): canarySecret,
		filepath.Join(store, "acme-refresh-token"): a.refresh(),
		filepath.Join(store, "pink-header-value"):  "Bearer " + canaryGateway,
		filepath.Join(filepath.Dir(a.state), "config", "rolecall", "config.yaml"): fmt.Sprintf(
			"profiles:\n  acme: {api_url: %q, accounts_url: %[1]q, client_id: x, "+
				"secret_file: %q, refresh_token_file: %q}\n"+
				"  pink: {gateway: pinkconnect, base_url: \"%[1]s/pinkconnect/\", header: X-Api-Key, header_file: %[4]q}\n",
			a.url, filepath.Join(store, "acme-client-secret"), filepath.Join(store, "acme-refresh-token"),
			filepath.Join(store, "pink-header-value")),
	} {
		check(os.MkdirAll(filepath.Dir(path), 0o700))
		check(os.WriteFile(path, []byte(text), 0o600))
	}
	if slices.Contains([]string{"resume", "report", "undo", "why", "runs list", "runs prune"}, command) {
		if a.halfRun == "" {
			a.half(check)
			a.halfRun = filepath.Join(a.t.TempDir(), "run")
			check(os.CopyFS(a.halfRun, os.DirFS(filepath.Join(a.dir, "run"))))
		} else {
			check(os.CopyFS(filepath.Join(a.dir, "run"), os.DirFS(a.halfRun)))
		}
		check(tighten(filepath.Join(a.dir, "run")))
	}
	check(a.w.put(o))
	if command == "auth login" {
		a.grant(check)
	}
	if o.TokenRequests == 1 { // the only one is taken
		form := "grant_type=refresh_token&client_id=x&client_secret=" + canarySecret + "&refresh_token=" + canaryRefresh
		res, err := http.Post(a.url+"/oauth/v2/token", "application/x-www-form-urlencoded", strings.NewReader(form))
		check(err)
		check(res.Body.Close())
	}
}

// half makes a run that stops before its end, with a Zoho that is well.
func (a *aviary) half(check func(error)) {
	a.t.Helper()
	a.mu.Lock()
	silent := a.trouble.silent
	a.trouble.silent = false
	a.mu.Unlock()
	check(a.w.put(emulator.Options{TokenRequests: -1}))
	env := append(slices.Clone(a.env), "ROLECALL_API_URL="+a.url, "ROLECALL_ACCOUNTS_URL="+a.url,
		"ROLECALL_CLIENT_ID=x", "ROLECALL_CLIENT_SECRET="+canarySecret, "ROLECALL_REFRESH_TOKEN="+canaryRefresh)
	code, said := a.interrupted("", "assign in.csv --run-dir run --batch off --concurrency 1 --max-credits 5 -v", env)
	a.mu.Lock()
	a.trouble.silent = silent
	a.mu.Unlock()
	if code != 8 {
		a.t.Fatalf("the run is not stopped half-way: exit code %d: %s", code, said)
	}
	check(os.RemoveAll(filepath.Join(a.state, "rolecall", "tokens")))
}

// grant keeps a fresh code where a person would, and the client's secret with it as a pipe brings them.
func (a *aviary) grant(check func(error)) {
	code := clitest.Code(a.t, a.url, "ZohoCRM.modules.ALL,ZohoCRM.org.READ")
	a.keep(code)
	check(os.MkdirAll(filepath.Join(a.dir, "vault"), 0o700))
	check(os.WriteFile(filepath.Join(a.dir, "vault", "code"), []byte(code+"\n"), 0o600))
	check(os.WriteFile(filepath.Join(a.dir, "vault", "both"), []byte(canarySecret+"\n"+code+"\n"), 0o600))
}

// spoken is what a command says, which may be read while it runs.
type spoken struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *spoken) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *spoken) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// interrupted runs a line to its end, or until there is nothing new to learn of it. It may not hang, and it may not
// panic.
func (a *aviary) interrupted(command, line string, env []string) (code int, said string) {
	a.t.Helper()
	a.mu.Lock()
	a.asked = 0
	a.mu.Unlock()
	var out spoken
	if !strings.Contains(line, "<") {
		line += " </dev/null"
	}
	c := exec.CommandContext(a.t.Context(), "sh", "-c", "exec rolecall "+line)
	c.Dir, c.Env, c.Stdout, c.Stderr = a.dir, env, &out, &out
	if err := c.Start(); err != nil {
		a.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	tick := time.NewTicker(lookEach)
	defer tick.Stop()
	deadline := time.After(patience)
	for told := false; ; {
		select {
		case err := <-ended:
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				a.t.Fatal(err)
			}
			if strings.Contains(out.String(), "goroutine ") {
				a.t.Errorf("%s: %s", line, &out)
			}
			return c.ProcessState.ExitCode(), out.String()
		case <-tick.C:
			if !told && a.learned(command, line, &out) {
				told = true
				_ = c.Process.Signal(os.Interrupt) // it may have ended this moment
			}
		case <-deadline:
			_ = c.Process.Kill()
			<-ended
			a.t.Fatalf("%s does not end: %s", line, &out)
		}
	}
}

// learned says whether a running command has shown what there is to see.
func (a *aviary) learned(command, line string, out *spoken) bool {
	switch { // these wait for somebody
	case command == "emulate":
		return strings.Contains(out.String(), "http://")
	case strings.Contains(line, "--no-browser"):
		return strings.Contains(out.String(), "/oauth/v2/auth?")
	case strings.Contains(line, "--device") && strings.Contains(out.String(), "user_code"):
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return command != "" && a.trouble.enough > 0 && a.asked >= a.trouble.enough
}

// looksAround searches what was said, and every file that there is.
func (a *aviary) looksAround(line, said string) {
	a.t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	for secret := range a.secrets {
		if strings.Contains(said, secret) {
			a.t.Errorf("%s tells a secret: %s", line, said)
		}
	}
	kept := filepath.Join(a.state, "rolecall")
	for _, root := range []string{a.dir, filepath.Dir(a.state)} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if path == filepath.Join(a.dir, "vault") { // the test's own
				return fs.SkipDir
			}
			if folder := filepath.Dir(path); folder == filepath.Join(kept, "tokens") ||
				folder == filepath.Join(kept, "secrets") {
				info, err := e.Info()
				if err == nil && info.Mode().Perm() != 0o600 {
					a.t.Errorf("%s: %s has mode %#o", line, path, info.Mode().Perm())
				}
				return err
			}
			if e.IsDir() {
				return nil
			}
			text, err := os.ReadFile(path)
			for secret := range a.secrets {
				if strings.Contains(path, secret) || bytes.Contains(text, []byte(secret)) {
					a.t.Errorf("%s: a secret is in %s", line, path)
				}
			}
			return err
		})
		if err != nil {
			a.t.Error(err)
		}
	}
}

// proves holds the search itself: where all goes well there were tokens, and one is where it may be.
func (a *aviary) proves(name string) {
	a.t.Helper()
	if name != "none" {
		return
	}
	a.prepare("")
	if code, said := a.interrupted("", "doctor --profile acme", a.env); code != 0 {
		a.t.Errorf("exit code %d: %s", code, said)
	}
	found, err := filepath.Glob(filepath.Join(a.state, "rolecall", "tokens", "*.json"))
	if err != nil || len(found) != 1 {
		a.t.Fatalf("tokens are in %s, %v", found, err)
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		a.t.Fatal(err)
	}
	for secret := range a.secrets {
		if strings.Contains(string(text), secret) {
			return
		}
	}
	a.t.Errorf("no token that was given is in the cache: the search would find none elsewhere")
}

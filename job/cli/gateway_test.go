package cli

import (
	"bytes"
	"encoding/csv"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/gateway"
	"rolecall/job/cli/command"
	"rolecall/job/cli/profile"
)

// gatewayKey is a canary: no output may show it.
const gatewayKey = "c4n4ry-key-of-the-gateway"

// side is an emulated org, and the way to it: directly or through the gateway.
type side struct {
	t      *testing.T
	emu    *emulator.Emulator
	url    string
	dir    string
	env    map[string]string
	before http.Handler // before the emulator; nil: nothing
}

// newSide makes an org of few records. Its clock stands, so that all times are the same.
func newSide(t *testing.T, through bool, o gateway.Options) *side {
	t.Helper()
	return newFaultySide(t, through, o, emulator.Faults{})
}

func newFaultySide(t *testing.T, through bool, o gateway.Options, faults emulator.Faults) *side {
	t.Helper()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	o.Key = gatewayKey
	return newSideOf(t, emulator.Options{
		Deals: 6, Contacts: 6, RolesPerDeal: 2, TokenRequests: -1, Gateway: o, Now: func() time.Time { return now },
		Faults: faults, FaultSeed: 17,
	}, through)
}

func newSideOf(t *testing.T, o emulator.Options, through bool) *side {
	t.Helper()
	emu, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	s := &side{t: t, emu: emu, dir: t.TempDir()}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.before != nil {
			s.before.ServeHTTP(w, r)
			return
		}
		emu.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { server.Close(); _ = emu.Close() })
	s.url = server.URL
	s.env = map[string]string{"XDG_STATE_HOME": s.dir, "XDG_CONFIG_HOME": s.dir, "HOME": s.dir}
	if !through {
		for _, name := range []string{profile.EnvAPIURL, profile.EnvAccountsURL} {
			s.env[name] = s.url
		}
		s.env[profile.EnvClientID], s.env[profile.EnvClientSecret], s.env[profile.EnvRefreshToken] = "x", "x", "emulator"
		return s
	}
	s.env["KEY"] = "Bearer " + gatewayKey
	s.write("rolecall/config.yaml", "profiles:\n  default:\n    gateway: pinkconnect\n    base_url: "+s.url+
		"/pinkconnect/\n    header: Auth-Token\n    header_env: KEY\n")
	return s
}

func (s *side) write(name, text string) {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// run types a command. A word with a leading @ is a file of the side.
func (s *side) run(args ...string) (code int, stdout, stderr string) {
	var out, said bytes.Buffer
	for i, word := range args {
		if name, is := strings.CutPrefix(word, "@"); is {
			args[i] = filepath.Join(s.dir, name)
		}
	}
	p := &command.Process{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &said,
		Getenv: func(name string) string { return s.env[name] }}
	code = run(s.t.Context(), p, args)
	return code, out.String(), said.String()
}

// org returns the whole org as the emulator has it, and state who plays which role.
func (s *side) org() string   { return s.get("/__emulator/org") }
func (s *side) state() string { return s.get("/__emulator/state") }

func (s *side) get(path string) string {
	s.t.Helper()
	resp, err := http.Get(s.url + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

// table reads a table without the columns that tell how a row went, not what became of it.
func (s *side) table(name string, without ...string) [][]string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	if os.IsNotExist(err) {
		return nil
	}
	rows, e := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || e != nil {
		s.t.Fatal(err, e)
	}
	return withoutColumns(rows, without...)
}

func withoutColumns(rows [][]string, names ...string) [][]string {
	if len(rows) == 0 {
		return rows
	}
	header := slices.Clone(rows[0])
	for i, row := range rows {
		var kept []string
		for k, cell := range row {
			if !slices.Contains(names, header[k]) {
				kept = append(kept, cell)
			}
		}
		rows[i] = kept
	}
	return rows
}

const (
	deal1, deal2, deal9       = "4150868000010000001", "4150868000010000002", "4150868000010000009"
	contact1, contact2        = "4150868000020000001", "4150868000020000002"
	contact3, contact9        = "4150868000020000003", "4150868000020000009"
	mailOfContact2, otherMail = "chidi.costa.2@example.com", "new.person@example.com"
)

// sameJob is a command that the gateway and a direct connection can both do, with its table.
type sameJob struct {
	name, table string
	line        string // OUT and RUN stand for the file and the folder of the run
}

func sameRecords() []sameJob {
	return []sameJob{
		{"export of a module", "", "records export contacts -o OUT"},
		{"export of fields", "", "records export Deals --fields Deal_Name,Amount,Account_Name -o OUT"},
		{"users", "", "users export -o OUT"},
		{"get", "", "records get contacts " + contact1 + " " + contact9 + " --fields Last_Name,Email --as csv"},
		{"search", "", "records search contacts --criteria Last_Name:starts_with:Co --fields Email --as csv"},
		{"search of several", "", "records search contacts --as csv --fields Email --criteria " +
			"((Last_Name:starts_with:Co)and(First_Name:equals:Chidi))"},
		{"search between", "", "records search deals --as csv --fields Deal_Name --criteria " +
			"(Created_Time:between:2019-01-01T00:00:00-08:00,2030-12-31T23:59:59-08:00)"},
		{"search above and below", "", "records search deals --as csv --fields Amount --criteria " +
			"((Amount:greater_than:1)and(Amount:less_than:99999999))"},
		{"insert", "Last_Name,Email,Phone\nNew,new@example.com,+1 555\n,nobody@example.com,\nOther,,\n",
			"records insert contacts @in.csv --run-dir RUN --trigger approval,workflow,blueprint"},
		{"insert with a lookup and a number", "Deal_Name,Stage,Amount,Account_Name.id\nBig,Qualification,50000,4150868000030000001\n",
			"records insert deals @in.csv --run-dir RUN --trigger none"},
		{"update", "id,Phone\n" + contact1 + ",+1 1\n" + contact9 + ",+1 2\n" + contact2 + ",\n" + contact3 + ",+1 3\n",
			"records update contacts @in.csv --run-dir RUN --empty-clears"},
		{"update without reading", "id,Phone\n" + contact1 + ",+1 1\n" + contact3 + ",+1 3\n",
			"records update contacts @in.csv --run-dir RUN --read-first off"},
		{"upsert", "Email,Last_Name,Phone\n" + mailOfContact2 + ",Costa,+1 7\n" + otherMail + ",Person,+1 8\n" +
			otherMail + ",Person,+1 9\n", "records upsert contacts @in.csv --run-dir RUN"},
		{"delete", "id\n" + contact1 + "\n" + contact9 + "\n", "records delete contacts @in.csv --run-dir RUN --yes"},
	}
}

func sameStakeholders() []sameJob {
	return []sameJob{
		{"assign", "deal_id,contact_id,role\n" + deal1 + "," + contact3 + ",Purchasing\n" + deal2 + "," + contact3 +
			",Nobody\n" + deal9 + "," + contact3 + ",Purchasing\n", "assign @in.csv --run-dir RUN"},
		sameNames(),
		{"remove", "deal_id,contact_id\n" + deal2 + "," + contact2 + "\n" + deal2 + "," + contact9 + "\n",
			"remove @in.csv --run-dir RUN --yes"},
		{"export of stakeholders", "", "export -o OUT"},
		{"show", "", "show " + deal2 + " --as csv"},
		{"roles list", "", "roles list --as csv"},
		{"roles export", "", "roles export -o OUT"},
		{"roles import", "name\nTrainer\nPurchasing\n", "roles import @in.csv --run-dir RUN"},
		{"roles sync", "name\nTrainer\nPurchasing\n", "roles sync @in.csv --run-dir RUN --prune --max-delete 100% --yes"},
	}
}

// sameNames is an assign by names and e-mails. Without COQL they are looked up by v2's search, one condition a value.
func sameNames() sameJob {
	return sameJob{"assign by names", "deal_name,contact_email,contact_name,role\n" +
		"Umbau  MÜLLER & Söhne 1," + strings.ToUpper(mailOfContact2) + ",,Purchasing\n\"\"\"Pilot\"\" line 2\",,chidi costa,Purchasing\n" +
		"\"Rollout, phase 3\",,Costa,Purchasing\nMüller,,Chidi Costa,Purchasing\n+5 seats," + otherMail + ",,Purchasing\n",
		"assign @in.csv --run-dir RUN"}
}

// do does a job on one side, and returns all that it leaves.
func (s *side) do(j sameJob) map[string]any {
	s.t.Helper()
	s.write("in.csv", j.table)
	line := strings.NewReplacer("OUT", "@out.csv", "RUN", "@run").Replace(j.line)
	code, stdout, stderr := s.run(strings.Fields(line)...)
	if strings.Contains(stdout+stderr, gatewayKey) {
		s.t.Errorf("the key is shown:\n%s%s", stdout, stderr)
	}
	s.t.Logf("%s: exit %d\n%s%s", j.line, code, stdout, stderr)
	rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	if err != nil {
		s.t.Fatal(err)
	}
	return map[string]any{
		"exit": code, "stdout": sorted(withoutColumns(rows, "rc_base")), "org": s.org(),
		"file": sortedColumns(s.table("out.csv", "rc_base")),
		// v2 has no paths in its errors, and updates by id or roles one by one have statuses and attempts of their own.
		"results": s.table("run/results.csv", "rc_details", "rc_attempts", "rc_http"),
		"failed":  s.table("run/failed.csv", "rc_details", "rc_attempts", "rc_http"),
	}
}

// sorted sorts the rows under a header.
func sorted(rows [][]string) [][]string {
	if len(rows) > 1 {
		slices.SortFunc(rows[1:], slices.Compare)
	}
	return rows
}

// sortedColumns sorts the columns of a table by name: fields that were seen in records have no order.
func sortedColumns(rows [][]string) [][]string {
	if len(rows) == 0 {
		return rows
	}
	order := make([]int, len(rows[0]))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(rows[0][a], rows[0][b]) })
	all := make([][]string, len(rows))
	for i, row := range rows {
		for _, k := range order {
			all[i] = append(all[i], row[k])
		}
	}
	return all
}

// The same job through the gateway and directly leaves the same: exit code, output, results and org.
func TestTheSameThroughTheGateway(t *testing.T) {
	t.Parallel()
	page := []string{}
	direct := map[string]func() map[string]any{} // each job is done directly once
	for _, j := range slices.Concat(sameRecords(), sameStakeholders()) {
		direct[j.name] = sync.OnceValue(func() map[string]any { return newSide(t, false, gateway.Options{}).do(j) })
	}
	for _, way := range []struct {
		name string
		o    gateway.Options
		jobs []sameJob
	}{
		{"forwards all", gateway.Options{}, slices.Concat(sameRecords(), sameStakeholders())},
		{"forwards the page alone", gateway.Options{Forward: page}, sameRecords()},
		{"forwards no COQL", gateway.Options{Forward: []string{gateway.Roles, gateway.DealRoles}}, []sameJob{sameNames()}},
		{"status beside the output", gateway.Options{Status: true}, sameRecords()[9:10]},
		{"without output", gateway.Options{Bare: true}, sameRecords()[9:10]},
	} {
		for _, j := range way.jobs {
			t.Run(way.name+"/"+j.name, func(t *testing.T) {
				t.Parallel()
				got := newSide(t, true, way.o).do(j)
				if diff := cmp.Diff(direct[j.name](), got); diff != "" {
					t.Errorf("(-directly +through the gateway)\n%s", diff)
				}
			})
		}
	}
}

// Faults on the way through the gateway, and at it, change nothing of what a job leaves: answers that are lost or cut,
// refusals of the gateway's own, and 429.
func TestFaultsThroughTheGateway(t *testing.T) {
	t.Parallel()
	faults, err := emulator.ParseFaults("429=10%,500=5%,drop=10%,truncate=10%,html=10%")
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range append(sameRecords(), sameStakeholders()...) {
		// What a lost insert becomes depends on what can be looked up: TestLost... of package record.
		if !slices.Contains([]string{"export of a module", "update without reading", "delete", "assign"}, j.name) {
			continue
		}
		t.Run(j.name, func(t *testing.T) {
			t.Parallel()
			want := newSide(t, false, gateway.Options{}).do(j)
			s := newFaultySide(t, true, gateway.Options{}, faults)
			got := s.do(j)
			for _, side := range []map[string]any{want, got} {
				side["results"] = withoutColumns(side["results"].([][]string), "rc_message", "rc_code")
				delete(side, "failed")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-directly and well +through the gateway, with faults)\n%s", diff)
			}
			if !strings.Contains(s.retries(), `"msg"`) && j.table != "" {
				t.Error("no fault happened: choose another seed")
			}
		})
	}
}

// retries returns the log of the run.
func (s *side) retries() string {
	text, _ := os.ReadFile(filepath.Join(s.dir, "run", "log.jsonl"))
	return string(text)
}

// A gateway whose connection ends in mid-run stops the run with exit code 4 and says to connect again there. Nothing of
// it is asked of Zoho's accounts server. resume goes on when it is connected again.
func TestTheConnectionEndsInMidRun(t *testing.T) {
	t.Parallel()
	s := newSide(t, true, gateway.Options{Forward: []string{}})
	calls := 0
	s.before = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/contacts/") {
			if calls++; calls > 1 {
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = io.WriteString(w, `{"error":"connection_expired","message":"for `+gatewayKey+`"}`)
				return
			}
		}
		s.emu.ServeHTTP(w, r)
	})
	s.write("in.csv", "id,Phone\n"+contact1+",+1 1\n"+contact2+",+1 2\n"+contact3+",+1 3\n")
	code, stdout, stderr := s.run("records", "update", "contacts", "@in.csv", "--run-dir", "@run", "--concurrency", "1",
		"--read-first", "off")
	if code != command.ExitSignIn ||
		!strings.Contains(stderr, "connect it again there") || !strings.Contains(stderr, "connection_expired") ||
		strings.Contains(stdout+stderr+s.retries(), gatewayKey) {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	s.before = nil
	s.env["KEY"] = gatewayKey // another form of it: a key is not the org
	if code, stdout, stderr = s.run("resume", "@run"); code != command.ExitOK {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	want := [][]string{{"rc_status"}, {"success"}, {"success"}, {"success"}}
	if diff := cmp.Diff(want, onlyColumn(s.table("run/results.csv"), "rc_status")); diff != "" {
		t.Error(diff)
	}
}

func onlyColumn(rows [][]string, name string) (cells [][]string) {
	at := slices.Index(rows[0], name)
	for _, row := range rows {
		cells = append(cells, row[at:at+1])
	}
	return cells
}

// doctor looks the names of a file up through the gateway too, by search where COQL is not forwarded.
func TestDoctorLooksThroughTheGateway(t *testing.T) {
	t.Parallel()
	s := newSide(t, true, gateway.Options{Forward: []string{gateway.Roles, gateway.DealRoles}})
	s.write("in.csv", "deal_name,contact_email,role\nNobody knows it,"+mailOfContact2+",Purchasing\n")
	code, stdout, stderr := s.run("doctor", "@in.csv")
	if want := `in-org         not in this org: 1 of 1 by deal name ("Nobody knows it")` + "\n"; code != command.ExitOK ||
		!strings.Contains(stdout, want) {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}

// contains is a gateway's operator: it works there, and is refused elsewhere before any search.
func TestContains(t *testing.T) {
	t.Parallel()
	line := []string{"records", "search", "contacts", "--criteria", "Last_Name:contains:ost", "--fields", "Last_Name", "--as", "csv"}
	code, stdout, stderr := newSide(t, true, gateway.Options{Forward: []string{}}).run(slices.Clone(line)...)
	if code != command.ExitOK || !strings.Contains(stdout, ",Costa,") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	code, _, stderr = newSide(t, false, gateway.Options{}).run(slices.Clone(line)...)
	if code != command.ExitUsage || !strings.Contains(stderr, "no operator contains") {
		t.Errorf("exit %d\n%s", code, stderr)
	}
}

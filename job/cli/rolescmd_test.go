package cli

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/job/cli/command"
	"rolecall/job/cli/profile"
)

// rolesOrg is an org whose roles have names of every kind.
const rolesOrg = `{"contact_roles": [
	{"id": "4150868000000006872", "name": "Purchasing"}, {"id": "4150868000000006871", "name": "Käufer, \"groß\""},
	{"id": "4150868000000006879", "name": "=Sponsor"}, {"id": "4150868000000006874", "name": "sales lead"},
	{"id": "4150868000000006875", "name": "Sales Lead"}, {"id": "4150868000000006873", "name": "7"}],
	"contacts": [], "deals": []}`

// rolesRig runs commands in this process, in a folder of the test's own, against an emulator.
type rolesRig struct {
	t     *testing.T
	emu   *emulator.Emulator
	url   string
	state string
}

func newRolesRig(t *testing.T, org string) *rolesRig {
	t.Helper()
	seed, err := emulator.ReadOrg(strings.NewReader(org))
	if err != nil {
		t.Fatal(err)
	}
	return newRolesRigOf(t, emulator.Options{Org: seed})
}

// newRolesRigOf does the same for an emulator of any options.
func newRolesRigOf(t *testing.T, o emulator.Options) *rolesRig {
	t.Helper()
	emu, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(emu)
	t.Cleanup(func() { server.Close(); _ = emu.Close() })
	t.Chdir(t.TempDir())
	return &rolesRig{t, emu, server.URL, t.TempDir()}
}

// run types a command.
func (r *rolesRig) run(args ...string) (code int, stdout, stderr string) {
	var out, said bytes.Buffer
	env := map[string]string{"XDG_STATE_HOME": r.state, "XDG_CONFIG_HOME": r.state, profile.EnvAPIURL: r.url,
		profile.EnvAccountsURL: r.url, profile.EnvClientID: "x", profile.EnvClientSecret: "x",
		profile.EnvRefreshToken: "emulator"}
	p := &command.Process{Stdin: strings.NewReader("name\nPurchasing\n"), Stdout: &out, Stderr: &said,
		Getenv: func(name string) string { return env[name] }}
	code = run(r.t.Context(), p, args)
	return code, out.String(), said.String()
}

func (r *rolesRig) write(name, text string) {
	r.t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// What is wrong with a command line, or with a table, is said before anything is sent, with exit code 2; no run is
// made.
func TestRolesRefused(t *testing.T) { //nolint:paralleltest // The working folder is the whole process's.
	r := newRolesRig(t, rolesOrg)
	for name, text := range map[string]string{
		"good.csv": "name\nTrainer\n", "deals.csv": "deal,contact\n1,2\n", "labels.csv": "Label\nTrainer\n",
		"ids.csv": "id\n4150868000000006872\n", "empty.csv": "name\n",
		"rounded.csv": "id,name\n4150868000000000000,A\n4150868000000010000,B\n4150868000000020000,C\n",
		"twice.csv":   "name\nPurchasing\nTrainer\npurchasing\n",
		"twiceid.csv": "id,name\n4150868000000006872,\n,Purchasing\n", "twicename.csv": "name\nNew\nNew\n",
		"Purchasing": "name\nTrainer\n",
	} {
		r.write(name, text)
	}
	if err := os.Mkdir("folder", 0o700); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"list --as yaml":                     "--as",
		"get":                                "id|name",
		"export":                             "missing flags: --output",
		"export -o folder":                   "is a folder",
		"export -o nothere/out.csv":          "nothere",
		"export -o out.txt":                  ".txt is the ending of no format here",
		"export -o out.csv --format parquet": "parquet",
		"export -o out.csv --ids odd":        "odd",
		"export -o - --json":                 "--json and --output -",
		"import":                             "<file>",
		"import nothere.csv":                 "nothere.csv",
		"import deals.csv":                   "lacks a column name or id",
		"import ids.csv --by-name":           "lacks a column name",
		"import rounded.csv":                 "--accept-rounded-ids",
		"import good.csv --json --results -": "--json and --results -",
		"import good.csv --map deal_id=name": "--map deal_id: there is no such field; " +
			"there are id, name, sequence_number",
		"import good.csv --delimiter x": "--delimiter",
		"import good.csv --limit 0":     "--limit must be at least 1",
		"import labels.csv":             "lacks a column",
		"sync":                          "<file>",
		"sync good.csv --max-delete=-1": `--max-delete: "-1" is neither a number nor a percentage such as 5%`,
		"sync good.csv --prune --limit 2": "--prune with --limit would delete the roles of the rows " +
			"that are left out",
		"sync empty.csv --prune": "empty.csv has no rows, so " +
			"--prune would delete every role of the org",
		"sync empty.csv --prune --dry-run": "empty.csv has no rows",
		"sync twice.csv": "line 4 names the role of line 2 again: " +
			"a list has each role once, so nothing was sent",
		"sync twiceid.csv":                          "line 3 names the role of line 2 again",
		"sync twicename.csv":                        "line 3 names the role of line 2 again",
		"copy":                                      "missing flags: --from",
		"copy --from emulator":                      "missing flags: --to",
		"copy --from emulator --to emulator":        "--from and --to are both emulator",
		"copy --from nothere --to emulator":         `there is no profile "nothere"`,
		"copy --from emulator --to nothere":         `there is no profile "nothere"`,
		"delete --yes":                              "<file|id|name>",
		"delete nothere.csv --yes":                  "there is no file nothere.csv",
		"delete -":                                  "nobody can be asked here: give --yes if it is meant",
		"delete Purchasing --yes":                   `"Purchasing" is a file here, and may be a role: for the file give ./Purchasing, for the role its id`,
		"delete 4150868000000006872":                "nobody can be asked here: give --yes if it is meant",
		"delete good.csv deals.csv --max-credits=0": "--max-credits must be at least 1",
	} {
		code, stdout, stderr := r.run(append([]string{"roles"}, strings.Fields(line)...)...)
		failure := stdout == "" || strings.Contains(line, "--json") && strings.HasSuffix(stdout, `"exit_code":2}`+"\n")
		if code != command.ExitUsage || !failure || !strings.Contains(stderr, want) {
			t.Errorf("roles %s: exit code %d, %s%s; want %q", line, code, stdout, stderr, want)
		}
	}
	if made, err := filepath.Glob("*-roles-*"); err != nil || len(made) > 0 {
		t.Errorf("runs were made: %s, %v", made, err)
	}
	for call := range r.emu.Stats().Calls {
		if !strings.HasPrefix(call, "GET ") {
			t.Errorf("sent: %s", call)
		}
	}
}

// A role is found by its id in either form or by its name, and shown in each form.
func TestRolesShown(t *testing.T) { //nolint:paralleltest // The working folder is the whole process's.
	r := newRolesRig(t, rolesOrg)
	const one = "id,name,sequence_number\n4150868000000006872,Purchasing,1\n"
	for _, test := range []struct {
		args []string
		code int
		want string
		says string
	}{
		{[]string{"get", "4150868000000006872"}, command.ExitOK, one, ""},
		{[]string{"get", "zcrm_4150868000000006872", "-q"}, command.ExitOK, one, ""},
		{[]string{"get", " purchasing ", "--as", "csv"}, command.ExitOK, one, ""},
		{[]string{"get", "PURCHASING", "--as", "table"}, command.ExitOK,
			"POSITION  NAME        ID\n1         Purchasing  4150868000000006872\n", ""},
		// A number, but no id
		{[]string{"get", "7", "--json"}, command.ExitOK,
			`{"id":"4150868000000006873","name":"7","sequence_number":6,"exit_code":0}` + "\n", ""},
		{[]string{"get", "sales lead", "--as", "json"}, command.ExitOK,
			`{"id":"4150868000000006874","name":"sales lead","sequence_number":4,"exit_code":0}` + "\n", ""},
		{[]string{"get", "SALES LEAD"}, command.ExitRowsFailed, "", "fits 2 roles"},
		{[]string{"get", "Purchaser", "-q"}, command.ExitRowsFailed, "", `the org has no role "Purchaser"; it has Purchasing`},
		{[]string{"get", "4150868000000009999"}, command.ExitRowsFailed, "", "no role with the id 4150868000000009999"},
		{[]string{"get", "zcrm_1"}, command.ExitRowsFailed, "", `no role "zcrm_1"`},
	} {
		code, stdout, stderr := r.run(append([]string{"roles"}, test.args...)...)
		if d := cmp.Diff(test.want, stdout); d != "" || code != test.code || !strings.Contains(stderr, test.says) ||
			test.says == "" && stderr != "" {
			t.Errorf("%s: exit code %d, %s%s", test.args, code, stderr, d)
		}
	}
}

// The format of an export is that of the ending of its name, or the one that was given; ids have zcrm_ where a
// spreadsheet may open the file.
func TestRolesExportForms(t *testing.T) { //nolint:paralleltest // The working folder is the whole process's.
	r := newRolesRig(t, `{"contact_roles": [{"id": "4150868000000006872", "name": "+Sponsor, \"x\""}], "contacts": [], "deals": []}`)
	const (
		csv   = "id,name,sequence_number\nzcrm_4150868000000006872,\"'+Sponsor, \"\"x\"\"\",1\n"
		jsonl = `{"id":"4150868000000006872","name":"+Sponsor, \"x\"","sequence_number":1}` + "\n"
	)
	for _, test := range []struct{ args, file, want string }{
		{"-o out.csv", "out.csv", csv},
		{"-o ending", "ending", csv},
		{"-o out.jsonl", "out.jsonl", jsonl},
		{"-o odd.txt --format jsonl", "odd.txt", jsonl},
		{"-o given.csv --format jsonl", "given.csv", jsonl},
		{"-o bare.csv --ids bare", "bare.csv", strings.Replace(csv, "zcrm_", "", 1)},
		{"-o z.jsonl --ids zcrm", "z.jsonl", strings.Replace(jsonl, "415", "zcrm_415", 1)},
		{"-o -", "", csv},
		{"-o - --format jsonl", "", jsonl},
	} {
		code, got, stderr := r.run(append([]string{"roles", "export"}, strings.Fields(test.args)...)...)
		if test.file != "" {
			if got != "" {
				t.Errorf("%s: on stdout %s", test.args, got)
			}
			b, err := os.ReadFile(test.file)
			if err != nil {
				t.Fatal(err)
			}
			got = string(b)
		}
		if d := cmp.Diff(test.want, got); d != "" || code != command.ExitOK {
			t.Errorf("%s: exit code %d, %s%s", test.args, code, stderr, d)
		}
	}
}

// Flags that confirm, widen, or name what only one command can mean have no variable; the others have.
func TestRolesVariables(t *testing.T) { //nolint:paralleltest // The working folder is the whole process's.
	r := newRolesRig(t, rolesOrg)
	r.write("in.csv", "name\nPurchasing\n")
	for name, value := range map[string]string{
		"MAX_DELETE": "4", "PRUNE": "true", "YES": "true", "OUTPUT": "elsewhere.csv", "MAP": "name=nothing",
		"FROM": "emulator", "TO": "acme", "AS": "json", "FORMAT": "jsonl",
	} {
		t.Setenv("ROLECALL_"+name, value)
	}
	for line, want := range map[string]string{
		"0 sync in.csv --dry-run":                        "not in the file, and left", // not pruned
		"3 sync in.csv --prune --run-dir no":             "--max-delete allows 4",
		"0 sync in.csv --prune --max-delete 5 --dry-run": "5 to delete",
		"2 export":                           "missing flags: --output",
		"2 copy":                             "missing flags: --from",
		"2 delete 4150868000000006872":       "give --yes",
		"0 list":                             `{"contact_roles":[{"id":"4150868000000006872",`,
		"0 list --as csv":                    "id,name,sequence_number\n",
		"0 export -o -":                      `{"id":"4150868000000006872",`,
		"0 import in.csv --run-dir imported": "1 unchanged",
	} {
		want0, args, _ := strings.Cut(line, " ")
		code, stdout, stderr := r.run(append([]string{"roles"}, strings.Fields(args)...)...)
		if !strings.HasPrefix(want0, string(rune('0'+code))) || !strings.Contains(stdout+stderr, want) {
			t.Errorf("roles %s: exit code %d, %s%s; want %q", args, code, stdout, stderr, want)
		}
	}
	if _, err := os.Stat("elsewhere.csv"); err == nil {
		t.Error("a variable named the file that is replaced")
	}
}

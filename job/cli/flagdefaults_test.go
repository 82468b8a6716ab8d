package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"rolecall/job/cli/clitest"
	"rolecall/job/cli/command"
	"rolecall/job/cli/profile"
)

// parsed parses arguments in a process with that config file, and gives the flags of the command.
func parsed(t *testing.T, config string, args ...string) (map[string]*kong.Flag, error) {
	t.Helper()
	return newArguments(t).parse(t, config, args...)
}

// arguments are a process that parses arguments again and again: to make the parser takes much longer than to use it.
type arguments struct {
	process *command.Process
	parser  *kong.Kong
	all     *kong.Node // all commands
}

func newArguments(t *testing.T) *arguments {
	t.Helper()
	p := &command.Process{}
	parser, err := newParser(p, &commandLine{}, func() {})
	if err != nil {
		t.Fatal(err)
	}
	return &arguments{p, parser, parser.Model.Node}
}

// of returns the arguments of one command, whose parser has no flags of other commands.
func (a *arguments) of(t *testing.T, path []string) *arguments {
	t.Helper()
	parser, err := newParser(a.process, commandLineOf(path), func() {})
	if err != nil {
		t.Fatal(err)
	}
	return &arguments{a.process, parser, a.all}
}

// parse is as in a process that has just begun: the parser sets every flag anew, but for whether it was given. What it
// returns holds until the next.
func (a *arguments) parse(t *testing.T, config string, args ...string) (map[string]*kong.Flag, error) {
	t.Helper()
	dir := t.TempDir()
	clitest.WriteFile(t, filepath.Join(dir, "config.yaml"), config, 0o600)
	*a.process = command.Process{
		Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" },
		Commands: func() (*kong.Node, error) { return a.all, nil },
	}
	err := kong.Visit(a.parser.Model, func(node kong.Visitable, next kong.Next) error {
		if f, ok := node.(*kong.Flag); ok {
			f.Set = false
		}
		return next(nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	line, err := a.parser.Parse(append(args, "--config", filepath.Join(dir, "config.yaml")))
	if err != nil {
		return nil, a.process.AddDefaults(err)
	}
	flags := map[string]*kong.Flag{}
	for _, f := range line.Flags() {
		flags[f.Name] = f
	}
	return flags, nil
}

// samplesOf are three values of a flag, each other than the one before, the first other than the default.
func samplesOf(f *kong.Flag) [3]string {
	kind := f.Target.Type()
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	if samples, ok := map[string][3]string{
		"delimiter": {";", ",", "tab"}, "max-shrink": {"3%", "4%", "5%"}, "changes": {"3.csv", "4.jsonl", "5.csv"},
		"modified-since": {"2026-11-03", "2026-11-04", "2026-11-05"},
		"fields":         {"Deals.A", "Deals.B", "Contacts.C"},
	}[f.Name]; ok {
		return samples
	}
	switch {
	case f.Enum != "":
		choices := slices.DeleteFunc(f.EnumSlice(), func(s string) bool { return s == f.Default })
		return [3]string{choices[0], f.Default, choices[0]}
	case kind.Kind() == reflect.Bool:
		return [3]string{"true", "false", "true"}
	case f.Name == "external-id":
		return [3]string{"deal=A", "deal=B", "deal=C"}
	case f.IsMap():
		return [3]string{"deal_id=A", "deal_id=B", "deal_id=C"}
	case strings.HasSuffix(kind.String(), "Duration"):
		return [3]string{"3m", "4m", "5m"}
	}
	return [3]string{"3", "4", "5"}
}

// is says whether a flag has a value.
func is(t *testing.T, f *kong.Flag, text string) bool {
	t.Helper()
	want := reflect.New(f.Target.Type()).Elem()
	if want.Kind() == reflect.Pointer {
		want.Set(reflect.New(want.Type().Elem()))
	}
	if err := f.Mapper.Decode(&kong.DecodeContext{Value: f.Value,
		Scan: kong.Scan().PushTyped(text, kong.FlagValueToken)}, want); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(want.Interface(), f.Target.Interface())
}

// TestOrderOfFlags goes through every flag that a profile can give a default for, on every command that takes it: the
// command line wins over the environment, that over the config file, and that over the default.
func TestOrderOfFlags(t *testing.T) {
	a := newArguments(t)
	seen := 0
	for _, command := range a.parser.Model.Leaves(true) {
		settable := profile.SettableFlags(command)
		path := commandPath(command)
		a := a.of(t, path)
		for name, f := range settable {
			if own, ok := reflect.TypeAssert[interface{ Keeps(flag string) bool }](command.Target.Addr()); ok &&
				own.Keeps(name) {
				continue
			}
			if f.Hidden { // a flag of earlier versions, which only says what took its place
				continue
			}
			seen++
			t.Run(strings.Join(path, " ")+" --"+name, func(t *testing.T) {
				s := samplesOf(f)
				config := fmt.Sprintf("profiles: {acme: {flags: {%s: %q}}}\n", name, s[0])
				args := slices.Clone(path)
				for range command.Positional {
					args = append(args, "x")
				}
				var groups []string
				for _, f := range command.Flags {
					if f.Required && !slices.ContainsFunc(f.Xor, func(g string) bool { return slices.Contains(groups, g) }) {
						args, groups = append(args, "--"+f.Name, "x"), append(groups, f.Xor...)
					}
				}
				args = append(args, "--profile", "acme")
				a.holds(t, config, name, s[0], args...)
				a.holds(t, config, name, s[2], append(args, "--"+name+"="+s[2])...)
				t.Setenv(f.Envs[0], s[1])
				a.holds(t, config, name, s[1], args...)
				a.holds(t, config, name, s[2], append(args, "--"+name+"="+s[2])...)
			})
		}
	}
	if seen < 30 {
		t.Errorf("only %d flags were looked at", seen)
	}
}

// Of two flags that exclude each other, the command line wins over the environment, and that over the config file.
func TestOrderOfFlagsThatExcludeEachOther(t *testing.T) {
	a := newArguments(t)
	const config = "profiles: {acme: {flags: {phone: '3'}}}\n"
	args := []string{"records", "search", "Contacts", "--profile", "acme"}
	a.holds(t, config, "phone", "3", args...)
	t.Setenv("ROLECALL_EMAIL", "4")
	a.holds(t, config, "email", "4", args...)
	a.holds(t, config, "phone", "", args...)
	args = append(args, "--word", "5")
	a.holds(t, config, "word", "5", args...)
	a.holds(t, config, "email", "", args...)
	if _, err := a.parse(t, config, append(args, "--email", "6")...); err == nil {
		t.Error("two flags of the command line that exclude each other")
	}
}

// Every flag has an environment name, but for those that confirm or widen what a run may do (design.md section 2).
// Kong gives them by rule; "-" in a tag takes one away.
func TestFlagsOfRecordsHaveEnvironmentNames(t *testing.T) {
	t.Parallel()
	for _, command := range newArguments(t).parser.Model.Leaves(true) {
		path := strings.Join(commandPath(command), " ")
		if !strings.HasPrefix(path, "records ") && !strings.HasPrefix(path, "users ") {
			continue
		}
		for _, f := range command.Flags {
			without := f.Name == "yes" || strings.HasPrefix(f.Name, "accept-") || strings.HasPrefix(f.Name, "allow-") ||
				f.Name == "hidden" // it confirms that rows that nobody sees are taken
			want := []string{"ROLECALL_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))}
			if without {
				want = nil
			}
			if !slices.Equal(f.Envs, want) {
				t.Errorf("%s --%s: %v", path, f.Name, f.Envs)
			}
		}
	}
}

// commandPath is a command as it is typed.
func commandPath(command *kong.Node) []string {
	if command.Type == kong.ApplicationNode {
		return nil
	}
	return append(commandPath(command.Parent), command.Name)
}

func (a *arguments) holds(t *testing.T, config, name, want string, args ...string) {
	t.Helper()
	flags, err := a.parse(t, config, args...)
	if err != nil {
		t.Fatalf("%s: %v", args, err)
	}
	if !is(t, flags[name], want) {
		t.Errorf("%s: --%s is %v, want %s", args, name, flags[name].Target, want)
	}
}

func TestMapInConfig(t *testing.T) {
	t.Parallel()
	for _, given := range []string{`{deal_id: "Opportunity, ID", role: Part}`, `["deal_id=Opportunity, ID", role=Part]`} {
		flags, err := parsed(t, "profiles: {acme: {flags: {map: "+given+"}}}", "assign", "x", "--profile", "acme")
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"deal_id": "Opportunity, ID", "role": "Part"}
		if got := flags["map"].Target.Interface(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", given, got, want)
		}
	}
}

// TestResumeKeepsItsLimits has a profile that gives defaults for what a run has recorded: the run's own count.
func TestResumeKeepsItsLimits(t *testing.T) {
	t.Parallel()
	const config = "profiles: {acme: {flags: {max-credits: 7, quiet: true, results: x.csv, max-errors: 3}}}\n"
	flags, err := parsed(t, config, "resume", "run", "--profile", "acme")
	if err != nil {
		t.Fatal(err)
	}
	if !flags["max-credits"].Target.IsNil() || flags["results"].Target.String() != "" || flags["max-errors"].Set {
		t.Error("a default of the profile took the place of what the run began with")
	}
	if !flags["quiet"].Target.Bool() {
		t.Error("how much is said is no part of a run: the profile's default should count")
	}
}

// TestWrongDefaultIsTraced has the file named for a value that only its command refuses.
func TestWrongDefaultIsTraced(t *testing.T) {
	t.Parallel()
	_, err := parsed(t, "profiles:\n  acme:\n    flags:\n      max-credits: 0\n", "assign", "x", "--profile", "acme")
	if err == nil || !strings.Contains(err.Error(), "--max-credits must be at least 1") ||
		!strings.Contains(err.Error(), "config.yaml gave --max-credits in line 4") {
		t.Errorf("got %v", err)
	}
}

package cli_test

import (
	"errors"
	"flag"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"rolecall/job/cli"
	"rolecall/job/jobtest"
)

// TestMain lets the scripts start this test binary as rolecall, so that signals, exit codes and files are those of a
// real process. One test more goes on at once than there are processors: they wait for each other, for answers that
// take long, and for what comes back only after a while.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", strconv.Itoa(1+runtime.GOMAXPROCS(0))); err != nil { // the command line comes after this
		panic(err)
	}
	testscript.Main(jobtest.Main{M: m}, map[string]func(){
		"rolecall":        func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
		"rolecall-stdout": func() { os.Exit(mainWithStdout(os.Args[1], os.Args[2:])) },
		"rolecall-crash":  func() { os.Exit(mainThatCrashes(os.Args[1], os.Args[2:])) },
		"xdg-open":        openPage,
	})
}

// mainWithStdout is rolecall with its stdout in a file, for a script that must read it while rolecall still runs.
func mainWithStdout(name string, args []string) int {
	out, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		panic(err)
	}
	return cli.Main(args, os.Stdin, out, os.Stderr)
}

// mainThatCrashes is rolecall with a bug of a kind: it shows at SIGALRM, or, of the kind reading, when stdin is read.
func mainThatCrashes(kind string, args []string) int {
	alarm := make(chan os.Signal, 1)
	signal.Notify(alarm, syscall.SIGALRM)
	go func() {
		<-alarm
		crashOf(kind)
	}()
	if kind == "reading" {
		return cli.Main(args, crashingReader{}, os.Stdout, os.Stderr)
	}
	return cli.Main(args, os.Stdin, os.Stdout, os.Stderr)
}

type crashingReader struct{}

func (crashingReader) Read([]byte) (int, error) { panic("a bug") }

func crashOf(kind string) (size int) {
	switch kind {
	case "panic":
		panic("a bug")
	case "memory": // more than a process can have
		return len(make([]byte, 1<<46))
	}
	debug.SetMaxStack(1 << 20) // the default of 1 GB takes seconds to fill
	return 1 + crashOf(kind)
}

var update = flag.Bool("update", false, "write what the commands gave into the scripts' golden sections")

// scriptCommands are the commands of our own. testdata/script/README describes them.
var scriptCommands = map[string]func(*testscript.TestScript, bool, []string){
	"emulator":   cmdEmulator,
	"hold":       cmdHold,
	"refuse":     cmdRefuse,
	"vanish":     cmdVanish,
	"stats":      cmdStats,
	"state":      cmdState,
	"until":      cmdUntil,
	"appears":    cmdAppears,
	"written":    cmdWritten,
	"ends":       cmdEnds,
	"exits":      cmdExits,
	"next":       cmdNext,
	"signal":     cmdSignal,
	"exited":     cmdExited,
	"url":        cmdURL,
	"get":        cmdGet,
	"column":     cmdColumn,
	"bulk":       cmdBulk,
	"json":       cmdJSON,
	"mode":       cmdMode,
	"list":       cmdList,
	"taken":      cmdTaken,
	"convert":    cmdConvert,
	"workbook":   cmdWorkbook,
	"secretless": cmdSecretless,
	"expand":     cmdExpand,
	"grant":      cmdGrant,
	"client":     cmdClient,
	"consent":    cmdConsent,
	"skew":       cmdSkew,
	"centre":     cmdCentre,
	"past":       cmdPast,
	"browser":    cmdBrowser,
}

// TestScripts proves what the command line promises: a script for each promise, each in a folder of its own, against an
// emulator of its own.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUp,
		Condition:           condition,
		Cmds:                scriptCommands,
	})
}

// TestScriptCommandsAreDescribed holds the README of the scripts to have a line for each command.
func TestScriptCommandsAreDescribed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("testdata", "script", "README"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range scriptCommands {
		if !regexp.MustCompile(`(?m)^  ` + name + ` `).Match(text) {
			t.Errorf("testdata/script/README says nothing of %s", name)
		}
	}
}

// ownPlace makes the folder of the script's config file the platform's own place too, where secrets have the names of
// their profiles.
func ownPlace(env *testscript.Env) error {
	configs := filepath.Join(env.WorkDir, "config")
	env.Setenv("AppData", configs) // for Windows
	home := env.WorkDir + "-home"  // beside what the scripts look through
	env.Setenv("HOME", home)
	place := filepath.Join(home, ".config")
	if runtime.GOOS == "darwin" {
		place = filepath.Join(home, "Library", "Application Support")
	}
	if err := errors.Join(os.MkdirAll(configs, 0o700), os.MkdirAll(filepath.Dir(place), 0o700)); err != nil || runtime.GOOS == "windows" {
		return err
	}
	return os.Symlink(configs, place)
}

// setUp gives a script its own state folder and a world to put its emulator in.
func setUp(env *testscript.Env) error {
	w := newWorld()
	env.Values[worldKey{}] = w
	env.Defer(w.close)
	env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "xdg"))
	env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
	if err := errors.Join(ownPlace(env), tighten(env.WorkDir)); err != nil {
		return err
	}
	samples, err := filepath.Abs(filepath.Join("..", "..", "samples"))
	if err != nil {
		return err
	}
	env.Setenv("SAMPLES", samples)
	tables, err := filepath.Abs(filepath.Join("..", "..", "csvio", "testdata"))
	if err != nil {
		return err
	}
	env.Setenv("TABLES", tables) // files of real programs, such as workbooks
	env.Setenv("GORACE", os.Getenv("GORACE"))
	raced, err := sideBySide(strings.TrimPrefix(filepath.Base(env.WorkDir), "script-"))
	if err != nil || raced {
		return err
	}
	return withoutDetector(env)
}

// sideBySide reports whether the processes of a script need the race detector: those of a script that does something
// while one of them runs, and those of one script for each command and each way of calling. The others differ in what
// they are given and in what they say. Where a process runs only for others to meet it, the detector finds nothing
// either: it sees one process. The start of a process takes three times as long with the detector.
func sideBySide(script string) (bool, error) {
	ways := []string{
		"assign", "batch", "composite", "doctor", "export", "export_goes_on", "login_again", "max_errors",
		"profiles", "remove", "report", "retry", "roles_delete", "roles_import", "roles_list", "roles_resume", "roles_sync", "wait",
	}
	if slices.Contains(ways, script) {
		return true, nil
	}
	if slices.Contains([]string{"export_held", "report_at_work", "roles_copy", "why"}, script) {
		return false, nil
	}
	text, err := os.ReadFile(filepath.Join("testdata", "script", script+".txtar"))
	return background.Match(text), err
}

// background matches a line of a script that starts a process and goes on.
var background = regexp.MustCompile(`(?m)^[^#\n]* &(\w+&)?$`)

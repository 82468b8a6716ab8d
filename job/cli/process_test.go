package cli_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdExits is: exits N COMMAND... It runs the command, which must end with that very exit code. A rolecall that must
// end with 2 refuses its arguments or files and starts no worker: there is nothing for the race detector to see, so it
// runs without.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	program := args[1]
	if program == "rolecall" && want == 2 {
		program = plainRolecall()
	}
	var exit *exec.ExitError
	if err := ts.Exec(program, args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// cmdSignal is: signal INT|TERM|HUP|QUIT|ABRT|ALRM|KILL. It sends the signal to the one command in the background.
// "exited" then looks at how that command ended.
func cmdSignal(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]os.Signal{
		"INT": os.Interrupt, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "QUIT": syscall.SIGQUIT,
		"ABRT": syscall.SIGABRT, "ALRM": syscall.SIGALRM, "KILL": os.Kill,
	}
	running := slices.DeleteFunc(ts.BackgroundCmds(), func(c *exec.Cmd) bool { return c == nil })
	if neg || len(args) != 1 || signals[args[0]] == nil || len(running) != 1 {
		ts.Fatalf("usage: signal INT|TERM|HUP|QUIT|ABRT|ALRM|KILL, with one command in the background")
	}
	worldOf(ts).last = running[0]
	ts.Check(running[0].Process.Signal(signals[args[0]]))
}

// cmdExited is: exited N. After "wait" it compares the exit code of the command that got the signal. For a command that
// died of a signal, N is 128 plus the signal's number, as in shells.
func cmdExited(ts *testscript.TestScript, neg bool, args []string) {
	last := worldOf(ts).last
	if neg || len(args) != 1 || last == nil || len(ts.BackgroundCmds()) != 0 {
		ts.Fatalf("usage: exited CODE, after signal and wait")
	}
	got := last.ProcessState.ExitCode()
	if status, ok := last.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		got = 128 + int(status.Signal())
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// cmdNext is: next CODE SUMMARY. It types the command that a summary says to go on with, as a person would paste it.
func cmdNext(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: next CODE SUMMARY")
	}
	var summary struct{ Next string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &summary))
	cmdExits(ts, false, []string{args[0], "sh", "-c", summary.Next})
}

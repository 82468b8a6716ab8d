package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rolecall/job/report"
)

// benchClient is rolecall as its user has it, a process of its own: what is measured is all of it, from its start to
// its end. It signs in anew: no token is kept for it.
type benchClient struct {
	b   *testing.B
	dir string // with in.csv
	env []string
}

// newBenchClient makes one with the rows in its folder, for an org.
func newBenchClient(b *testing.B, o *benchOrg, rows benchRows) *benchClient {
	b.Helper()
	c := &benchClient{b: b, dir: b.TempDir()}
	c.env = append(plainEnv(), "XDG_STATE_HOME="+filepath.Join(c.dir, "state"), "ROLECALL_API_URL="+o.url,
		"ROLECALL_CLIENT_ID=bench", "ROLECALL_CLIENT_SECRET=x", "ROLECALL_REFRESH_TOKEN=emulator",
		"ROLECALL_READ_FIRST=off") // else small runs make other calls; a benchmark of reading has the flag
	rows.write(b, filepath.Join(c.dir, "in.csv"))
	return c
}

// plainEnv is the environment without what would change how Go's runtime or rolecall works.
func plainEnv() []string {
	return slices.DeleteFunc(os.Environ(), func(e string) bool {
		name, _, _ := strings.Cut(e, "=")
		return strings.HasPrefix(name, "ROLECALL_") ||
			slices.Contains([]string{"GOGC", "GOMEMLIMIT", "GOMAXPROCS", "GODEBUG"}, name)
	})
}

// benchProcess is rolecall at work.
type benchProcess struct {
	*benchClient
	cmd            *exec.Cmd
	began          time.Time
	stdout, stderr bytes.Buffer
}

// benchCost is what a process took.
type benchCost struct {
	began time.Time
	took  time.Duration // until its end
	cpu   time.Duration // user's and system's
	peak  float64       // most memory at one time, MiB; 0 where the system does not tell
}

func (c *benchClient) start(args ...string) *benchProcess {
	c.b.Helper()
	p := &benchProcess{benchClient: c, cmd: exec.CommandContext(c.b.Context(), "rolecall", args...)}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = c.dir, c.env, &p.stdout, &p.stderr
	forgetPeak()
	p.began = time.Now()
	if err := p.cmd.Start(); err != nil {
		c.b.Fatal(err)
	}
	return p
}

// end waits for the end of the process, which must be with that exit code: what went wrong is no figure.
func (p *benchProcess) end(code int) benchCost {
	p.b.Helper()
	err := p.cmd.Wait()
	took, state := time.Since(p.began), p.cmd.ProcessState
	if got := state.ExitCode(); got != code {
		p.b.Fatalf("%s: %v, want exit code %d\n%s", strings.Join(p.cmd.Args, " "), err, code, p.stderr.String())
	}
	return benchCost{began: p.began, took: took, cpu: state.UserTime() + state.SystemTime(), peak: peakOf(state)}
}

// run starts rolecall and waits for its end.
func (c *benchClient) run(code int, args ...string) benchCost {
	c.b.Helper()
	return c.start(args...).end(code)
}

// assigning is the command that makes the run of the file, in the folder "run".
func assigning(args ...string) []string {
	return append([]string{"assign", "in.csv", "--run-dir", "run"}, args...)
}

// assign runs the file, all of it: every row must be a success.
func (c *benchClient) assign(args ...string) benchCost {
	c.b.Helper()
	cost := c.run(0, assigning(args...)...)
	c.finished()
	return cost
}

// resume goes on with the run, to its end.
func (c *benchClient) resume() benchCost {
	c.b.Helper()
	cost := c.run(0, "resume", "run")
	c.finished()
	return cost
}

// summary reads what the run says of itself.
func (c *benchClient) summary() (s report.Summary) {
	c.b.Helper()
	text, err := os.ReadFile(filepath.Join(c.dir, "run", "summary.json"))
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		c.b.Fatal(err)
	}
	return s
}

// finished checks that every row of the run is a success.
func (c *benchClient) finished() {
	c.b.Helper()
	if s := c.summary(); s.State != report.Finished || s.Rows.Success != s.Rows.Total {
		c.b.Fatalf("the run is %s: %+v", s.State, s.Rows)
	}
}

// plannedCalls asks rolecall how many writes the file takes.
func (c *benchClient) plannedCalls(args ...string) float64 {
	c.b.Helper()
	p := c.start(append([]string{"assign", "in.csv", "--dry-run", "--json"}, args...)...)
	p.end(0)
	var s report.Summary
	if err := json.Unmarshal(p.stdout.Bytes(), &s); err != nil {
		c.b.Fatal(err)
	}
	return float64(s.Plan.Calls)
}

// perSecond is a rate.
func perSecond[N int | float64](n N, d time.Duration) float64 { return float64(n) / d.Seconds() }

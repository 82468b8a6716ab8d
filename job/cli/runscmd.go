package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/cli/ask"
	"rolecall/job/cli/command"
	"rolecall/job/report"
	"rolecall/job/runs"
)

// runsCmd lists runs and removes old ones.
type runsCmd struct {
	List  runsListCmd  `cmd:"" default:"withargs" help:"List the runs of a folder (also without the word list)."`
	Prune runsPruneCmd `cmd:"" help:"Remove old finished runs, because they hold customers' data."`
}

// folderArg is the folder in which the runs are.
type folderArg struct {
	Folder string `arg:"" optional:"" default:"." help:"The folder in which the runs are (default: this one)."`
}

// runsListCmd lists the runs of a folder.
type runsListCmd struct {
	folderArg

	JSON bool `help:"Write one JSON object, as the last line on stdout."`
}

// Help is the part of --help below the flags.
func (*runsListCmd) Help() string {
	return `The newest run comes first. A run is finished, stopped, at work, or broken off (somebody killed its process). A
run that rolecall cannot read, such as a run of another version, is unreadable. The command does not disturb a run at
work.

Examples:
  rolecall runs
  rolecall runs list /srv/migration --json`
}

// Run does the command.
func (c *runsListCmd) Run(p *command.Process) error {
	all, err := runs.In(c.Folder, lookEnv(p))
	if err != nil {
		return err
	}
	list := make([]report.Run, len(all))
	for i := range all {
		list[i] = all[i].Run
	}
	if c.JSON {
		return p.WriteJSON(map[string]any{"folder": c.Folder, "runs": list})
	}
	if len(list) == 0 {
		p.Say("rolecall: there is no run in %s", c.Folder)
		return nil
	}
	return report.WriteRuns(p.Stdout, list)
}

// runsPruneCmd removes old runs.
type runsPruneCmd struct {
	folderArg

	OlderThan age  `required:"" env:"-" placeholder:"90d" help:"Remove runs that finished longer ago than this, such as 90d or 36h."`
	DryRun    bool `short:"n" help:"Show what would be removed; remove nothing."`
	Yes       bool `env:"-" help:"Do not ask."`
	JSON      bool `help:"Write one JSON object, as the last line on stdout."`
	Quiet     bool `short:"q" help:"Show only errors."`
}

// Help is the part of --help below the flags.
func (*runsPruneCmd) Help() string {
	return `The command removes only finished runs, with their copies of the inputs and their results. It keeps runs at
work, unfinished and unreadable runs, runs of other machines, and folders that hold anything else.
It shows what it would remove and asks first. Without a terminal it needs --yes, or it ends with exit code 2.

Example:
  rolecall runs prune --older-than 90d --dry-run`
}

// Run does the command.
func (c *runsPruneCmd) Run(ctx context.Context, p *command.Process) error {
	p.Quiet = c.Quiet
	plan, err := runs.Prune(c.Folder, time.Now().Add(-time.Duration(c.OlderThan)), lookEnv(p))
	if err != nil {
		return err
	}
	done := pruned{Folder: c.Folder, DryRun: c.DryRun, Removed: []string{}, Left: []leftRun{}}
	for _, l := range plan.Leave {
		done.Left = append(done.Left, leftRun{l.Dir, l.Why})
	}
	prompt := ask.New(p.Stdin, p.Stderr)
	asks := len(plan.Remove) > 0 && !c.DryRun
	if !c.Quiet || asks && prompt.Terminal && !c.Yes { // the user must see what goes before agreeing to it
		showPrune(p, &plan, c)
	}
	if asks {
		question := fmt.Sprintf("Remove %s for good?", report.Plural(int64(len(plan.Remove)), "run"))
		if err := prompt.Confirm(ctx, question, "--yes", c.Yes); err != nil {
			return err
		}
	}
	err = c.remove(ctx, p, &plan, &done)
	if c.JSON {
		err = errors.Join(err, p.WriteJSON(done))
	}
	return err
}

// pruned is what a prune did, for --json. New versions only add fields.
type pruned struct {
	Folder  string    `json:"folder"`
	DryRun  bool      `json:"dry_run"`
	Removed []string  `json:"removed"` // in a dry run: what would be removed
	Left    []leftRun `json:"left"`
}

// leftRun is a run that stays.
type leftRun struct {
	Dir string `json:"run_dir"`
	Why string `json:"why"`
}

// remove removes the runs of a plan. If it cannot remove a run, it continues, and returns all errors at the
// end.
func (c *runsPruneCmd) remove(ctx context.Context, p *command.Process, plan *runs.Plan, done *pruned) (err error) {
	for i := range plan.Remove {
		f := &plan.Remove[i]
		if !c.DryRun {
			if ctx.Err() != nil {
				return errors.Join(err, job.EndOf(ctx))
			}
			if bad := runs.Remove(f); bad != nil {
				err = errors.Join(err, fmt.Errorf("%s was removed only in part: %w", f.Dir, bad))
				done.Left = append(done.Left, leftRun{f.Dir, bad.Error()})
				continue
			}
		}
		done.Removed = append(done.Removed, f.Dir)
	}
	if !c.DryRun && len(done.Removed) > 0 {
		p.Note("removed " + report.Plural(int64(len(done.Removed)), "run"))
	}
	return err
}

// showPrune shows which runs go, and which stay and why.
func showPrune(p *command.Process, plan *runs.Plan, c *runsPruneCmd) {
	would := "runs to remove"
	if c.DryRun {
		would = "dry run: runs that would be removed"
	}
	p.Say("%s: %d of %d in %s", would, len(plan.Remove), len(plan.Remove)+len(plan.Leave), c.Folder)
	for i := range plan.Remove {
		f := &plan.Remove[i]
		p.Say("  remove  %s: %s of %s, %s, finished at %s", f.Dir, f.Command, f.Input,
			report.Plural(f.Rows.Total, "row"), f.Finished.Local().Format(time.DateTime))
	}
	for i := range plan.Leave {
		p.Say("  leave   %s: %s", plan.Leave[i].Dir, plan.Leave[i].Why)
	}
}

// age is how long ago something was.
type age time.Duration

// UnmarshalText reads a number of days, such as 90d, or a duration, such as 36h.
func (a *age) UnmarshalText(b []byte) error {
	d, err := time.ParseDuration(string(b))
	if days, ok := strings.CutSuffix(string(b), "d"); ok {
		const most = 100 * 366
		var n int
		if n, err = strconv.Atoi(days); n > most {
			err = strconv.ErrRange
		}
		d = time.Duration(n) * 24 * time.Hour
	}
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is no time: give days, such as 90d, or hours, such as 36h", b)
	}
	*a = age(d)
	return nil
}

// lookEnv returns what reading a run uses of a process.
func lookEnv(p *command.Process) job.Env { return p.Env(&job.Progress{}, false, false) }

// runOr returns the folder of the run that the user gave. If the user gave none, it returns the run that find finds in
// this folder, and says which.
func runOr(
	p *command.Process, given string, quiet bool, find func(string, job.Env) (runs.Found, error),
) (string, error) {
	if given != "" {
		return given, nil
	}
	f, err := find(".", lookEnv(p))
	if err != nil {
		return "", err
	}
	if !quiet {
		p.Say("rolecall: the newest run here is %s: %s, begun at %s", f.Dir,
			strings.TrimSuffix(cmp.Or(f.Command, "unreadable")+" of "+f.Input, " of "),
			f.Started.Local().Format(time.DateTime))
	}
	return f.Dir, nil
}

// whyCmd shows the story of a row.
type whyCmd struct {
	Folder string `arg:"" name:"run" help:"The folder of the run (default: the newest run here)."`
	Row    string `arg:"" optional:"" help:"The number of the row, which is rc_row in results.csv. For an export: the id of a deal."`
	JSON   bool   `help:"Write one JSON object, as the last line on stdout."`
}

// Help is the part of --help below the flags.
func (*whyCmd) Help() string {
	return `The command shows the row as rolecall read and understood it, each attempt to send it, its outcome, and how
rolecall knows the outcome. log.jsonl has the attempts that failed, and all attempts of a run with -v.
The command sends nothing, and does not disturb a run at work. If you give one argument, it is a row of the newest run
here.

Examples:
  rolecall why deal_roles-assign-20261122T101500Z 14
  rolecall why 14`
}

// Run does the command.
func (c *whyCmd) Run(p *command.Process) error {
	given, row := c.Folder, c.Row
	if row == "" {
		if _, bad := csvio.ParseID(c.Folder); bad != nil {
			return &job.UsageError{Err: fmt.Errorf("%q is not the number of a row: give rolecall why RUN ROW, "+
				"or rolecall why ROW for the newest run here", c.Folder)}
		}
		given, row = "", c.Folder
	}
	folder, err := runOr(p, given, c.JSON, runs.Newest)
	if err != nil {
		return err
	}
	story, err := job.Why(job.Again{RunDir: folder, Env: lookEnv(p)}, row)
	if err != nil {
		return err
	}
	if c.JSON {
		return p.WriteJSON(story)
	}
	return story.WriteText(p.Stdout)
}

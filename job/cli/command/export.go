package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/export"
)

// exportsFolder is the folder of the exports' working files, in the state folder.
const exportsFolder = "exports"

// ExportFlags are the flags of every export.
type ExportFlags struct {
	LimitFlags
	TalkFlags
	PinFlags

	Output string `short:"o" placeholder:"FILE" help:"File to write; - is stdout (default: the name of what is exported, such as stakeholders.csv, with the ending of --format)."`
	Format string `enum:"csv,jsonl,xlsx," default:"" help:"Format of the file (default: by the ending of its name, else csv)."`

	IDs            string        `name:"ids" enum:"auto,zcrm,bare" default:"auto" help:"Write ids with zcrm_ before them, so that no spreadsheet rounds them (zcrm), or bare (auto: zcrm in csv and xlsx, bare in jsonl)."`
	NoFormulaGuard bool          `help:"Write texts that a spreadsheet would run as a formula without a ' before them."`
	MinRows        int64         `placeholder:"N" help:"Do not replace the file by one with fewer rows than this (exit code 3)."`
	MaxShrink      job.Threshold `placeholder:"N%" help:"Do not replace the file by one that is shorter by more than this part (exit code 3)."`
	Changes        string        `placeholder:"FILE" help:"Also write what was added, removed or changed since the last export of the same name with --changes, as csv or jsonl."`

	ProfileFlag

	Afresh bool `help:"Start a new export, even if the same export to this file stopped in the last twelve hours."`
	DryRun bool `short:"n" help:"Show the price; read no more than that needs, and write nothing."`
}

// Validate refuses flags that contradict each other.
func (c *ExportFlags) Validate() error {
	if err := c.LimitFlags.Validate(); err != nil {
		return err
	}
	if c.MaxShrink.Set && !c.MaxShrink.Relative() {
		return errors.New("--max-shrink is a percentage, such as 10%")
	}
	if _, err := FormatOf(c.Output, c.Format); err != nil {
		return fmt.Errorf("%w, or give --format", err)
	}
	if c.MinRows < 0 {
		return errors.New("--min-rows must be at least 0")
	}
	if f, ok := csvio.FormatOf(c.Changes); c.Changes != "" && (!ok || f == csvio.FormatXLSX) {
		return fmt.Errorf("--changes %s: the name must end in .csv or .jsonl", c.Changes)
	}
	if c.Changes != "" && c.Output == export.Stdout {
		return errors.New("--changes compares with the last export to the same file, and - is no file: give -o a file")
	}
	return nil
}

// Options returns the options of the flags. name is the file's name without its ending if the user gives none.
func (c *ExportFlags) Options(name string) export.Options {
	format, _ := FormatOf(c.Output, c.Format) // Validate has checked both
	changes, _ := csvio.FormatOf(c.Changes)
	o := export.Options{
		Output: cmp.Or(c.Output, name+"."+string(format)), Format: format, NoGuard: c.NoFormulaGuard,
		MinRows: c.MinRows, MaxShrink: c.MaxShrink, Changes: c.Changes, ChangesFormat: changes,
	}
	if c.IDs != "auto" {
		o.IDs = export.IDs(c.IDs)
	}
	return o
}

// Start does an export. q has what only the command knows.
func (c *ExportFlags) Start(ctx context.Context, p *Process, kind string, q export.Request) error {
	if c.JSON && c.Output == export.Stdout {
		return BothToStdout("--output")
	}
	a := Asked{
		TalkFlags: c.TalkFlags, PinFlags: c.PinFlags, Profile: c.Profile,
		Kind: kind, Options: q.Options, Settings: q.Settings,
	}
	c.Change(&a.Settings)
	return p.Start(ctx, a, func(ctx context.Context, run job.Request) (*job.Result, error) {
		state, err := p.StateFolder()
		if err != nil {
			return nil, err
		}
		q.Kind, q.Settings, q.Env = run.Kind, run.Settings, run.Env
		q.Afresh, q.DryRun, q.State = c.Afresh, c.DryRun, filepath.Join(state, exportsFolder)
		return export.Start(ctx, q)
	})
}

// FormatOf returns the format of an output file: the given format, or else the format of the name's ending, or
// else CSV.
func FormatOf(output, given string) (csvio.Format, error) {
	named, known := csvio.FormatOf(output)
	switch ending := filepath.Ext(output); {
	case given != "":
		return csvio.Format(given), nil
	case known:
		return named, nil
	case ending != "" && output != export.Stdout:
		return "", fmt.Errorf("-o %s: %s is not the ending of a format: let the name end in .csv, .jsonl or .xlsx",
			output, ending)
	}
	return csvio.FormatCSV, nil
}

// TimeValue is a time as the user types it.
type TimeValue time.Time

// UnmarshalText reads a date, a time with its zone, or a duration before now.
func (v *TimeValue) UnmarshalText(b []byte) error {
	s := string(b)
	if ago, err := time.ParseDuration(s); err == nil && ago > 0 {
		*v = TimeValue(time.Now().Add(-ago).Truncate(time.Second))
		return nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		*v = TimeValue(t)
		return nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, time.Local); err == nil {
		*v = TimeValue(t)
		return nil
	}
	return fmt.Errorf("%q is no time: give a date such as 2026-11-01, a time such as 2026-11-01T06:00:00Z, "+
		"or how long ago, such as 36h", s)
}

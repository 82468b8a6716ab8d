package command

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/stakeholder"
)

// ProfileFlag is the flag that says where to connect.
type ProfileFlag struct {
	Profile string `placeholder:"NAME" help:"Where to connect: a profile of the config file; emulator always exists and needs no account (default: the ROLECALL_... connection variables, else the profile ${default_profile})."`
}

// MayBeDefault marks a command that uses the default profile if the user names none.
func (*ProfileFlag) MayBeDefault() {}

// TalkFlags are the flags that say what a command shows, and in which form.
type TalkFlags struct {
	JSON    bool `help:"Write the summary as one JSON object, as the last line on stdout."`
	Quiet   bool `short:"q" help:"Show only errors."`
	Verbose bool `short:"v" help:"Log every attempt in log.jsonl, not only those that failed."`
}

// LimitFlags are the limits of a command that makes many calls.
type LimitFlags struct {
	Concurrency *int           `placeholder:"N" help:"Most calls in flight (default: the limit of the org's edition, or 5)."`
	Rate        *float64       `placeholder:"N" help:"Most calls started per second (default: no limit)."`
	MaxCredits  *int           `placeholder:"N" help:"API credits that this command may spend, reads included, before it stops with exit code 8; resume counts afresh."`
	MaxDuration *time.Duration `placeholder:"T" help:"Stop after this time, such as 90m, with exit code 8; resume counts afresh."`
	Reserve     job.Threshold  `placeholder:"N|N%" help:"Credits of the org's edition to leave unspent. All rolecall runs of the last 24 hours on this machine count together. At this limit the command stops with exit code 8."`
	Wait        *bool          `help:"If the credits are used up, wait until enough come back, and continue."`
}

// PaceFlags are the limits of a run over a file, and its copy of the results.
type PaceFlags struct {
	LimitFlags

	MaxErrors job.Threshold `placeholder:"N|N%" help:"Stop if more rows than this fail; N% counts finished rows, from row 100 on (default: stop if the first 100 rows sent all fail)."`
	Results   string        `placeholder:"FILE" help:"Write the results to this file too, as CSV, or in the format of the ending .xlsx or .jsonl; - is stdout."`
}

// ReadFlags are the flags of reading deals before writing to them.
type ReadFlags struct {
	Composite     string `enum:"auto,on,off" default:"auto" help:"Read five deals for one credit (on). auto does so only if the credits would not suffice otherwise."`
	SkipUnchanged gone   `hidden:"" instead:"--read-first on"`
}

// Change sets the options of a run from the flags.
func (f *ReadFlags) Change(o *stakeholder.Options) { o.Composite = Choice(f.Composite) }

// Choice returns the value of a flag that is auto, on or off.
func Choice(given string) job.Choice {
	if given == "auto" {
		return ""
	}
	return job.Choice(given)
}

// gone is a flag of earlier versions. If the user gives it, the error says what to give instead.
type gone struct{}

// Decode implements kong.MapperValue. It returns an error that names the tag "instead" of the flag.
func (gone) Decode(c *kong.DecodeContext) error {
	return fmt.Errorf("there is no --%s any more: give %s instead", c.Value.Name, c.Value.Tag.Get("instead"))
}

// IsBool implements kong.BoolMapperValue: the flag needs no value.
func (gone) IsBool() bool { return true }

// YesFlag agrees to what a command removes or deletes. It has no environment name, so that the user types it each time.
type YesFlag struct {
	Yes bool `env:"-" help:"Do not ask before rolecall removes or deletes something."`
}

// VoiceURLFlag is the flag of the server of Zoho Voice.
type VoiceURLFlag struct {
	VoiceURL string `name:"voice-url" placeholder:"URL" help:"Server of Zoho Voice (default: the data centre's, such as https://voice.zoho.com)."`
}

// maxRate is the largest valid rate, in calls a second. No org allows so many.
const maxRate = 1e6

// Validate refuses limits that are not positive, or a rate above maxRate.
func (f *LimitFlags) Validate() error {
	switch {
	case f.Concurrency != nil && *f.Concurrency < 1:
		return errors.New("--concurrency must be at least 1")
	case f.Rate != nil && !(*f.Rate > 0 && *f.Rate <= maxRate):
		return errors.New("--rate must be a number of calls a second, more than 0")
	case f.MaxCredits != nil && *f.MaxCredits < 1:
		return errors.New("--max-credits must be at least 1")
	case f.MaxDuration != nil && *f.MaxDuration <= 0:
		return errors.New("--max-duration must be more than 0")
	}
	return nil
}

// Change sets the given limits in the settings of a run, and leaves the others.
func (f *LimitFlags) Change(s *job.Settings) {
	if f.Concurrency != nil {
		s.Concurrency = *f.Concurrency
	}
	if f.Rate != nil {
		s.Rate = *f.Rate
	}
	if f.MaxCredits != nil {
		s.MaxCredits = *f.MaxCredits
	}
	if f.MaxDuration != nil {
		s.MaxDuration = *f.MaxDuration
	}
	if f.Reserve.Set {
		s.Reserve = f.Reserve
	}
	if f.Wait != nil {
		s.Wait = *f.Wait
	}
}

// Change sets the given limits and the copy of the results in the settings of a run, and leaves the others.
func (f *PaceFlags) Change(s *job.Settings) {
	f.LimitFlags.Change(s)
	if f.MaxErrors.Set {
		s.MaxErrors = f.MaxErrors
	}
	if f.Results != "" {
		s.ResultsCopy = f.Results
	}
}

// FileFlags are the input file and the flags of how to read it.
type FileFlags struct {
	TableFlags
	SavedFlags

	File string            `arg:"" help:"CSV with a header (gzip is recognised), Excel workbook (XLSX) or JSON (Lines, or an array of objects); - is stdin."`
	Map  map[string]string `mapsep:"none" placeholder:"FIELD=HEADER" help:"Column of a field, such as deal_id=\"Opportunity ID\"; may be repeated."`
}

// TableFlags are the flags of how to read any table.
type TableFlags struct {
	Encoding         string `placeholder:"NAME" help:"Encoding of the file, such as windows-1252 (default: UTF-8, or UTF-16 by its BOM)."`
	Delimiter        string `placeholder:"CHAR" help:"Delimiter: , ; | or tab (default: found from the header)."`
	HeaderRow        int    `default:"0" placeholder:"N" help:"Line of the header (default: the first line, or else the line among the first 50 that has the needed columns)."`
	Sheet            string `placeholder:"NAME" help:"Sheet of a workbook (default: the first one, or else the sheet that has the needed columns)."`
	Hidden           string `enum:"include,skip," default:"" env:"-" help:"What to do with the rows that a workbook hides: read them (include), or leave them out (skip). Default: read them and say so; a command that removes needs this flag."`
	Limit            *int64 `placeholder:"N" help:"Only the first N rows."`
	AcceptRoundedIDs bool   `name:"accept-rounded-ids" env:"-" help:"Send ids that look rounded by a spreadsheet or a program."`
}

// Validate refuses unknown fields in --map, and what TableFlags.Validate refuses.
func (f *FileFlags) Validate() error {
	if err := CheckMap(f.Map, csvio.Stakeholders()); err != nil {
		return err
	}
	return f.TableFlags.Validate()
}

// CheckMap returns an error for a field in --map that the vocabulary does not have.
func CheckMap(given map[string]string, known *csvio.Vocabulary) error {
	fields := known.Fields()
	for _, field := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(fields, csvio.Field(field)) {
			return fmt.Errorf("--map %s: there is no such field; there are %s", field, joinFields(fields))
		}
	}
	return nil
}

// Validate refuses an invalid delimiter, and a --limit below 1.
func (f *TableFlags) Validate() error {
	if f.Limit != nil && *f.Limit < 1 {
		return errors.New("--limit must be at least 1")
	}
	if f.HeaderRow < 0 {
		return errors.New("--header-row must be at least 1")
	}
	_, err := f.delimiter()
	return err
}

func joinFields(fields []csvio.Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = string(f)
	}
	return strings.Join(names, ", ")
}

// delimiter returns the value of --delimiter, or 0 if it is not given.
func (f *TableFlags) delimiter() (rune, error) {
	switch f.Delimiter {
	case "":
		return 0, nil
	case "tab", `\t`:
		return '\t', nil
	}
	r, size := utf8.DecodeRuneInString(f.Delimiter)
	if size != len(f.Delimiter) || !strings.ContainsRune(",;|\t", r) {
		return 0, fmt.Errorf("--delimiter %q: it is one of , ; | or tab", f.Delimiter)
	}
	return r, nil
}

// Settings returns the settings of a run over the file.
func (f *FileFlags) Settings() job.Settings { return f.TableFlags.Settings(f.Map) }

// Settings returns the settings of a run over a table. named is --map.
func (f *TableFlags) Settings(named map[string]string) job.Settings {
	delimiter, _ := f.delimiter() // Validate has checked it
	s := job.Settings{Encoding: f.Encoding, Delimiter: delimiter, AcceptRoundedIDs: f.AcceptRoundedIDs}
	s.HeaderRow, s.Sheet, s.Hidden = f.HeaderRow, f.Sheet, job.Hidden(f.Hidden)
	if f.Limit != nil {
		s.Limit = *f.Limit
	}
	for field, header := range named {
		if s.Map == nil {
			s.Map = map[csvio.Field]string{}
		}
		s.Map[csvio.Field(field)] = header
	}
	return s
}

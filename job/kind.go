package job

import (
	"context"
	"encoding/json"

	"rolecall/csvio"
	"rolecall/job/report"
)

// Kind declares a job as data and functions. The engine does everything else. It does not call a function that is nil.
type Kind struct {
	Name string // the command as the user types it, such as "roles import"; run.db stores it

	// Shows is the job that makes the changes which this job only shows, such as apply for plan. "": this job makes them.
	Shows string

	// Check refuses options in run.db that the job does not know.
	Check func(Settings) error

	// Table is the columns that the job understands.
	Table *csvio.Vocabulary
	// Reading adapts the options of the table's reader to the settings of the job. nil: no change.
	Reading func(Settings, *csvio.Options)
	// Fill is the columns that failed.csv always has, so that people can fill them in.
	Fill []csvio.Field
	// Again returns the cell of csvio.OptionsColumn in failed.csv for the row that in read last. With it, a run of
	// failed.csv needs no flag of this run. nil: failed.csv has no such column.
	Again func(set Settings, in *csvio.Reader) string
	// Needs returns the columns that the table must have: at least one of each list.
	Needs func(Settings) [][]csvio.Field
	// Hint returns what to add to the message about missing columns, or "".
	Hint func(missing []csvio.Field) string
	// Meant returns the other command that a table with this header is for, such as "rolecall assign". "": the table may
	// be for this job. nil: the job cannot tell.
	Meant func(header []string) string
	// Removes returns what the job takes away from the org. nil: nothing.
	Removes func(Settings) Removal
	// Survey returns the Survey of an input. input is its name, for people. nil: the job has no input.
	Survey func(set Settings, input string) Survey

	// Begin begins the work on an org. It may read from Zoho.
	Begin func(ctx context.Context, org *Org, set Settings, desk Desk) (Work, error)

	// Inverse returns the job that takes back a run of this job, with its input. An error says why the run cannot be
	// taken back. nil: the job changes nothing in the org.
	Inverse func(earlier *Earlier) (*Kind, *Made, error)

	// Differ begins the message of a row that a later row of its item supersedes. "": the item is a contact of a deal.
	Differ string

	// Columns are the columns of results.csv beyond the common ones.
	Columns []Column
	// Advice returns what to do about a failed row, or "".
	Advice func(code, details string) string
	// Story returns how the job understands a row, for people. nil: nobody can tell.
	Story func(r *Row, run Results) (Understood, error)
	// Write writes the job's own files, after results.csv and failed.csv. If Whole is set, Write writes all files.
	Write func(*Output) error
	// Whole is true for an export: the job has no results.csv, and one refusal fails the run.
	Whole bool

	// Hold locks the files that the run writes outside its folder, until free is called. nil: there are none.
	Hold func(folder string, set Settings, env *Env) (free func(), err error)
	// Settle cleans up after a run that is over, once its files are closed. finished is false if the run stopped and
	// resume would stop the same way. nil: the folder stays as it is.
	Settle func(folder string, set Settings, finished bool) error
}

// Column is a column of results.csv that only one job has.
type Column struct {
	Name  string
	Value func(r *Row, o *Outcome) string // returns the cell, with text from Zoho guarded; r.Done is nil
	// Compare replaces Value for a cell that depends on the input's cells. in has just read the row. nil: use Value.
	Compare func(in *csvio.Reader, r *Row) string
}

// Understood is how a job understands a row.
type Understood struct {
	Facts []report.Fact // such as the deal, the contact and the role
	// About reports whether a call to a path may concern the row, and whether the call may concern other rows too.
	About func(path string) (may, others bool)
}

// Survey turns the records of one input into rows.
type Survey interface {
	// Row returns the row of rec, the record that in read last. If the record cannot be sent, Row.Done says why. An
	// error refuses the whole input. The engine sets N and Line.
	Row(in *csvio.Reader, rec *csvio.Record) (Row, error)
	// End checks the input as a whole after its last row. An error refuses the input. say adds a note to the summary.
	// warn adds a note too, and shows the note to people at once, before the first call.
	End(in *csvio.Reader, say, warn func(text string)) error
}

// Finder is a Work whose rows may name records by other values than their ids, such as names. The engine looks these
// values up before Resolve, each once per run. A Kind whose Work is no Finder looks nothing up.
type Finder interface {
	Work
	// Seeks returns the values of a row that must be looked up before Resolve. They may depend on earlier answers, so
	// the engine calls Seeks until it returns none.
	Seeks(r *Row) ([]Sought, error)
	// Find looks up values of one field: at most MostSought. It returns an answer for each.
	Find(ctx context.Context, what string, values []Sought) ([]json.RawMessage, error)
	// MostSought returns how many values of a field one call looks up.
	MostSought(what string) int
}

// Lister is a Work that lists its rows from Zoho, once per run. After a stop, resume continues the list.
type Lister interface {
	Work
	List(ctx context.Context, to RowList) error
}

// RowList receives what a job lists: rows that need a call, or entries that are complete.
type RowList interface {
	// Add adds rows, each with a key. A row with the phase and key of an earlier one replaces it.
	Add(rows []Row) error
	// Count returns how many rows of a phase are listed.
	Count(phase int) (int64, error)
	// Clear deletes the listed rows of a phase.
	Clear(phase int) error

	// Enter adds entries. An entry with the key and item of an earlier one replaces it.
	Enter(entries []Entry) error
	// Entered returns how many entries are listed.
	Entered() (int64, error)
	// Drop deletes the listed entries.
	Drop() error
}

// Notebook stores a job's own facts in run.db, as JSON, so that they survive a kill.
type Notebook interface {
	// Put stores value under key. It is on disk when Put returns.
	Put(key string, value any) error
	// Get reads the value of key into into. It leaves into as it is if there is no value.
	Get(key string, into any) error
	// Forget deletes the value of key.
	Forget(key string) error
}

// Desk is what a job may use of its run.
type Desk struct {
	Input    string   // the name of the input, for people
	Header   []string // of the input, without rolecall's columns; nil if an earlier process surveyed it
	Exported bool     // rolecall exported the input
	Notebook Notebook
	Say      func(text string) // shows people a note, once per text, and adds it to summary.json
	Warn     func(text string) // the same, and shows it at once
	Over     func() bool       // reports whether nothing new may be sent
	Dry      bool              // a dry run: nothing is written to Zoho
	Asks     bool              // the user is asked before the first write
	Agreed   bool              // the user agreed in an earlier process, which did the look stage
	Expect   func(total int64) // tells people how many records the list has
	// Answered returns the answer to a value that a Finder looked up, or nil if there is none yet.
	Answered func(what, value string) (json.RawMessage, error)
	// Price shows people the price of a list before the list is read. The engine then does not show that of Work.Price.
	Price func(report.Forecast)
}

// Work does the rows of a run.
type Work interface {
	// Resolve completes rows with what only the org knows, such as role ids. It changes the key, item and request of a
	// row, or sets Done. The engine calls it with the sendable rows in file order, up to 500 at a time, and at the end
	// with nil.
	Resolve(ctx context.Context, rows []Row) error
	// Count adds the rows of a key to the price. It sends nothing.
	Count(g Group) error
	// Price returns the cost of the counted rows. An error refuses the run before its first write, because the run
	// would do more than the user allows.
	Price() (report.Forecast, error)
	// Together returns the most keys of a phase that one Open takes. The number may change after a refusal.
	Together(phase int) int
	// Open begins the rows of some keys and returns the Steps of each, in the order of groups, or one Steps that does
	// all of them. It may read from Zoho. An error ends the run.
	Open(ctx context.Context, groups []Group) ([]Steps, error)
	// Finish is called once no row is open. It may read from Zoho. It returns outcomes that replace earlier ones.
	Finish(ctx context.Context, rows Results) ([]Outcome, error)
}

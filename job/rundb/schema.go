package rundb

// version is the PRAGMA user_version of a run.db that this rolecall writes and reads.
const version = 5

// schema is the tables of run.db. Ids and names are texts as Zoho and the user wrote them.
const schema = `
-- The facts of the run, as JSON: its job, settings, org, price, notes, credits spent.
CREATE TABLE facts(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
-- The rows of the run. row 1 is the first data row of the input; line is its line in the file; ask is the request as JSON.
-- Rows of one key (a deal, a record) are sent in the order of row. Rows of a later phase are sent after all others.
-- sendable is 0 for a row that can never be sent; extra is 1 for a row that is not in the input.
CREATE TABLE rows(
	row INTEGER PRIMARY KEY, line INTEGER NOT NULL, phase INTEGER NOT NULL, key TEXT NOT NULL, item TEXT NOT NULL,
	ask TEXT NOT NULL, sendable INTEGER NOT NULL, extra INTEGER NOT NULL);
-- Rows that were about to be sent. prior is the state before, as JSON ('' if it was not read). at is when the row was
-- first about to be sent, in milliseconds since 1970.
CREATE TABLE sent(row INTEGER PRIMARY KEY, prior TEXT NOT NULL, at INTEGER NOT NULL);
-- The outcomes of the rows. same_as is the row whose outcome this is, or 0; ids, prior and details are JSON or ''. at is
-- when the outcome was recorded, in milliseconds since 1970; 0 for a row that could never be sent.
CREATE TABLE outcomes(
	row INTEGER NOT NULL, status TEXT NOT NULL, action TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
	details TEXT NOT NULL, http INTEGER NOT NULL, attempts INTEGER NOT NULL, same_as INTEGER NOT NULL,
	ids TEXT NOT NULL, prior TEXT NOT NULL, at INTEGER NOT NULL);
-- What a reading job read, in the order of its output: key, then item.
CREATE TABLE entries(key TEXT, item TEXT, value TEXT NOT NULL, PRIMARY KEY(key, item)) WITHOUT ROWID;
-- Values by which rows name records. what is the field that has the value; value is the form that all equal values share;
-- asked is the value as one of the rows has it; answer is the answer of the org, as JSON, or '' if there is none yet.
CREATE TABLE lookups(
	what TEXT, value TEXT, asked TEXT NOT NULL, answer TEXT NOT NULL, PRIMARY KEY(what, value)) WITHOUT ROWID;
`

// byKey is the order in which rows are sent. Rows without a key are never sent.
const byKey = "CREATE INDEX IF NOT EXISTS rows_by_key ON rows(phase, key, row) WHERE key <> ''"

// byRow is the index of outcomes by row. It ensures that a row has only one outcome.
const byRow = "CREATE UNIQUE INDEX IF NOT EXISTS outcomes_by_row ON outcomes(row)"

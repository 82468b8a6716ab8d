package job

// schemaVersion is PRAGMA user_version of a run.db that this rolecall writes and reads.
const schemaVersion = 1

// schema is run.db.
//
// Ids are integers where they fit 64 bits and text where they do not: the columns that hold them have no type, so that SQLite keeps either as it is.
// Outcomes are appended, never updated in place: what is committed there is done.
const schema = `
CREATE TABLE run(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
-- code, message, details: why the row can never be sent; code is NULL for a row that can.
CREATE TABLE rows(row INTEGER PRIMARY KEY, line INTEGER NOT NULL, deal, contact, role INTEGER, code TEXT, message TEXT, details TEXT);
-- roles as the input names them; role_id and name are what the org calls them, NULL where the org has no such role.
CREATE TABLE roles(role INTEGER PRIMARY KEY, cell TEXT NOT NULL, by_id INTEGER NOT NULL, role_id TEXT, name TEXT, problem TEXT);
-- what was said, once; an outcome points to it.
CREATE TABLE answers(answer INTEGER PRIMARY KEY, status TEXT NOT NULL, action TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, http INTEGER NOT NULL);
CREATE TABLE outcomes(row INTEGER NOT NULL, answer INTEGER NOT NULL, details TEXT, attempts INTEGER NOT NULL, same_as INTEGER, prior TEXT);
-- rows whose DELETE was about to be sent: without an outcome, whether it was applied is unknown.
CREATE TABLE noted(row INTEGER NOT NULL);
`

// rowsByDeal serves the rows in the order in which they are sent: by deal, then by row.
const rowsByDeal = `CREATE INDEX IF NOT EXISTS rows_by_deal ON rows(deal, row, contact, role, code) WHERE contact IS NOT NULL`

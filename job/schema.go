package job

// schemaVersion is PRAGMA user_version of a run.db that this rolecall writes and reads.
const schemaVersion int64 = 2

// schema is run.db.
//
// Rows and outcomes are there by the hundred thousand and are only ever read from one end to the other: they are packed, hundreds to a record of SQLite, which costs a thirtieth of a record each.
// Outcomes are appended, never updated in place: what is committed there is done.
const schema = `
-- surveyed rows in input order (packSurveyed), and the number of the first of them.
CREATE TABLE rows(first INTEGER PRIMARY KEY, packed BLOB NOT NULL);
-- the rows that have a deal and a contact as sorted runs (packDealRow), where the input does not stand in that order; see sorter for part.
CREATE TABLE by_deal(part INTEGER PRIMARY KEY, packed BLOB NOT NULL);
-- roles as the input names them; role_id and name are what the org calls them, NULL where the org has no such role.
CREATE TABLE roles(role INTEGER PRIMARY KEY, cell TEXT NOT NULL, by_id INTEGER NOT NULL, role_id TEXT, name TEXT, problem TEXT);
-- what was said, once; an outcome points to it.
CREATE TABLE answers(answer INTEGER PRIMARY KEY, status TEXT NOT NULL, action TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, http INTEGER NOT NULL);
-- outcomes in the order of their recording (packOutcome); size is how many.
CREATE TABLE outcomes(part INTEGER PRIMARY KEY, size INTEGER NOT NULL, packed BLOB NOT NULL);
-- rows whose DELETE was about to be sent: without an outcome, whether it was applied is unknown.
CREATE TABLE noted(row INTEGER NOT NULL);
`

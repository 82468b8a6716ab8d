// Package stakeholder holds the jobs assign, remove, undo, plan, apply and verify: they put contacts on deals with
// their roles, take contacts off deals, and take such a run back (inverse.go, undosurvey.go).
//
// Apply makes the org match a file. It plans in its look stage: it reads the deals that matter, compares each row with
// the state at the export (sheet.go) and with the present state (apply.go), and adds rows for contacts that the file
// does not name (prune.go). Each row to send then holds the state that its contact must still have, as a row of undo
// does (deal.judge). Plan is the dry run of apply. It can save these rows as a table (saved.go), which apply accepts as
// its input. Verify only reads (verify.go).
//
// The rows of one deal have the deal as their key and the contact as their item. Up to 100 contacts of a deal go in one
// call: remove does so by DELETE ?ids=, assign by the collection PUT once a proof has shown that the PUT leaves other
// contacts alone (collection.go, prove.go). A run that reads first reads each deal before it writes to the deal
// (reading.go); remove always does, and reads all deals before its first write (look.go). If no answer tells the
// outcome of a row, the deal is read afterwards (assign.go, remove.go).
package stakeholder

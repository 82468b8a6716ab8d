// Package roles is the runs over an org's role picklist: what tables make of it, and what is taken out of it.
//
//	read (rows.go) -> plan (plan.go) -> rounds (round.go, send.go, settle.go) -> order (order.go) -> prune (prune.go) -> write (results.go)
//
// A list has a hundred roles at most, so that everything here is held in memory; what was answered is in run.db before anything else is sent. Rows are matched with roles (match.go) and decided
// (state.go) in rounds: a run looks at the list, sends what the next rows ask of it, and looks again. So each row finds the list as the rows before it left it, and what an answer did not tell, the list does.
package roles

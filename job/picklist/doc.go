// Package picklist reads the org's list of contact roles for every job (list.go, find.go). It also holds the jobs that
// change the list: roles import, delete, sync, copy and undo, which takes back a run of the others (inverse.go,
// undo.go).
//
// All rows of a run have one key, the list. They go in rounds (round.go): a round sends the next rows, up to 100 roles
// in a call (send.go), and then reads the list again. So each row finds the list as the rows before it left it. If an
// answer leaves a row open, the list settles it (settle.go). At the end, a run settles the order (order.go), and roles
// sync --prune deletes roles (prune.go). The plan is the same run on a copy of the list (plan.go).
package picklist

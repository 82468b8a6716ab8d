// Package picklist is the org's list of contact roles: how every job reads it (list.go, find.go), and the jobs that
// change it, roles import, delete, sync and copy.
//
// All rows of a run have one key, the list. They are sent in rounds (round.go): what the next rows ask goes out, up to
// 100 roles to a call (send.go), and then the list is read again. So each row finds the list as the rows before it left
// it, and what an answer does not tell, the list does (settle.go). At the end come the order (order.go) and the
// deletions of roles sync --prune (prune.go). The plan is the same run on a copy of the list (plan.go).
package picklist

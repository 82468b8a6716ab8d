// Package api is a Zoho CRM account as Go calls: deal contact roles, the role picklist, records, modules and their
// fields, users, searches, COQL queries, and the organisation; and the contacts of its Zoho Voice.
//
// Every call takes one path: token, pacer, send, bounded read, decode, classify, retry. A [pace.Pacer] keeps the limits
// of one org, and all who call the org share it. A policy decides what follows a failure and how long to wait; nothing
// else retries. Zoho's refusals and all failures are an [*Error].
//
// A gateway may sign in in place of the client (package gateway): then there is no token, and what is not Zoho's answer
// is the gateway's own.
//
// A resource is data: a path, the answer that is [due], and, if items have results of their own, a [list]. The package
// opens no file and knows no job.
package api

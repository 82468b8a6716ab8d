// Package api is a Zoho CRM account as Go calls: deal contact roles, the role picklist, records, COQL queries, and the
// organisation.
//
// Every call takes one path: token, pacer, send, bounded read, decode, classify, retry. A [pace.Pacer] holds what one
// org may bear, and all who call the org share it. A policy says what a failure means and how long to wait; nothing
// else retries. Zoho's refusals and all failures are an [*Error].
//
// A resource is data: a path, what its answer is [due], and, if items have results of their own, a [list]. It opens no
// file and knows no job.
package api

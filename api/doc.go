// Package api is a Zoho CRM account as Go calls: deal contact roles, the role
// picklist, records, read by COQL queries or by pages, and the organisation.
//
// Every call takes one path: token, pacer, send, bounded read, decode, classify,
// retry. A [Pacer] holds what one org may bear, and is shared by all who call
// it; a policy says what a failure means and how long to wait. Nothing else
// retries. What Zoho refuses, and what fails, is an [*Error].
//
// It knows no file and no job.
package api

// Package emulator is a Zoho CRM to rehearse against: an http.Handler, on the
// standard library alone, that keeps the contact roles of an org's deals the
// way Zoho keeps them and answers the way Zoho answers.
//
// # What it promises
//
// It is stateful: what a write changes, the next read shows. It is strict:
// what Zoho's documents describe works, and everything else is refused with
// Zoho's own code, message, shape and HTTP status. It is honest about limits:
// calls in flight, credits per rolling 24 hours, token life, items per call
// and the fields parameter are enforced. Zoho's official SDKs work against it
// unmodified for contact roles.
//
// It serves, on one origin:
//
//   - accounts: POST /oauth/v2/token with the refresh grant. Any client id
//     and secret are good, the one refresh token is [RefreshToken];
//   - CRM v2, v2.1 and v3 to v8 under /crm/{version}: the role picklist
//     (Contacts/roles), the contact roles of deals (Deals/{id}/Contact_Roles)
//     and what an SDK asks around them: org, users, settings/fields and
//     settings/related_lists;
//   - from v3 on composite requests (__composite_requests) of up to five of
//     those: all reads, and the writes of one contact role of a deal;
//   - /__emulator/stats, /__emulator/state, /__emulator/org and
//     /__emulator/limits, which are no part of Zoho: they say what happened.
//
// Faults can be injected (see [ParseFaults]), because a client is only as good
// as what it does when the answer is late, cut or not JSON.
//
// # What it refuses
//
// Records, searches, COQL and bulk reads are not there yet: their URLs are
// answered with INVALID_URL_PATTERN. Scopes and user rights are not modelled: a
// token may do everything. A composite request may neither roll back
// (NOT_SUPPORTED) nor refer to the answer of another sub-request
// (INVALID_REFERENCE).
//
// # Where the documents are silent or disagree
//
// The choice is named where it is made. The ones that a client meets:
//
//   - the collection PUT of a deal's roles is only in Zoho's newest OpenAPI
//     file for v8. Here it merges by default, may replace or be off
//     ([Options.CollectionPut]); off, and before v8, it is refused with
//     INVALID_REQUEST_METHOD, as the URL exists for GET and DELETE;
//   - contact roles are not among the APIs that the Composite API page names:
//     here they are taken for its "Get Related Records" and "Update/Delink
//     Related Records", which carry 25 records and one; [Options.Composite]
//     makes all composite requests unknown;
//   - a composite request takes one credit and five of the calls in flight, all
//     or none. Its status says how many sub-requests were triggered (200 all,
//     207 some, 400 none), and a sub-request that was triggered has the code
//     SUCCESS however it was answered: its own status is in status_code;
//   - role names are compared exactly, case included;
//   - a role deleted while deals use it stays on those deals;
//   - a write is applied when it arrives, the latency passes afterwards: a
//     client that gives up waiting has written all the same.
//
// Sources are Zoho's pages: "Zoho CRM API v8" (Get, Insert, Update and Delete
// Contact Roles; Get, Add and Remove Contact Roles of a Specific Deal; API
// Limits; Status Codes; Composite API), "Zoho Accounts, OAuth 2.0", the OpenAPI
// files that Zoho publishes as zoho/crm-oas, Kaizen 66 (Contact Roles API), and
// the requests that the official Node and TypeScript SDKs 8.0 send.
package emulator

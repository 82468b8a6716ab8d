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
//   - accounts, see below: codes, the consent page, devices, refresh tokens;
//   - CRM v2, v2.1 and v3 to v8 under /crm/{version}: the role picklist
//     (Contacts/roles), the contact roles of deals (Deals/{id}/Contact_Roles),
//     the deals of a contact (Contacts/{id}/Deals) and what an SDK asks around
//     them: org, users, settings/fields and settings/related_lists;
//   - reading deals and contacts: Get Records with pages, page tokens, sorting
//     and If-Modified-Since (Deals, Contacts, one by its id), how many there are
//     (Deals/actions/count), COQL (coql), see below; deleting deals, and the
//     list of those that were (Deals/deleted);
//   - from v3 on composite requests (__composite_requests) of up to five of
//     those: all reads, the writes of one contact role of a deal, and the
//     deletion of one deal;
//   - GET /__emulator/stats, /__emulator/state and /__emulator/org, which are
//     no part of Zoho: they say what happened; and POST /__emulator/limits,
//     /__emulator/grant, /__emulator/client and /__emulator/centres, which set
//     the stage. None of them takes a token.
//
// # COQL
//
// A query is select ... from Deals or Contacts where ..., then order by, limit
// n or limit offset, n, and offset n. Columns are fields and, by dots over at
// most two lookups, Account_Name.Account_Name, Contact_Name.(a field of
// contacts), Owner.last_name, first_name, full_name, email, and .id of each;
// they may have aliases. Criteria are = != > >= < <= in, between, like, each
// also with not, is null and is not null, as far as the field's type takes
// them; of more than two, pairs are in brackets. COUNT(column) counts from v4 on.
// Other aggregates, group by, joins that are written out, subqueries, custom
// views and include_meta are refused.
//
// # Made-up orgs
//
// [Options.Deals] and [Options.Contacts] make up an org, the same every time,
// which takes no memory: deal i has the id 4150868000010000000+i, contact j
// 4150868000020000000+j. [Options.RolesPerDeal] gives deal i so many of them
// modulo one more: its k-th contact, from 0, is contact (i-1+k) mod M + 1 of M,
// with role (i+k) mod 7 of the usual seven, from 0. Some fields are empty, some
// hold commas, quotes, line breaks, umlauts or begin like a formula.
//
// # Signing in
//
// The refresh token [RefreshToken] is always there and may do everything.
// Others are had as at Zoho, are kept in the state file and may do what their
// scopes say: a call without the scopes that its page names is answered
// OAUTH_SCOPE_MISMATCH.
//
//   - Self client: POST /__emulator/grant {"scope": "ZohoCRM.modules.ALL"}, with
//     "ttl" in seconds (180, at most 600), stands for the API console and gives
//     {"code": ...}; POST /oauth/v2/token with the grant authorization_code
//     exchanges it, without a redirect URI.
//   - Browser: GET /oauth/v2/auth is the consent page, a form that posts
//     decision=accept or decision=deny to the page's own URL and is answered
//     with the redirect. The code lives two minutes and needs the same redirect
//     URI and, after a code_challenge, the code_verifier.
//   - Device: POST /oauth/v3/device/code and /oauth/v3/device/token; the user
//     decides on GET /oauth/v3/device, or with ?user_code= at once.
//   - POST /oauth/v2/token/revoke ends a refresh token and its access tokens,
//     [RefreshToken] until the next start; GET /oauth/serverinfo lists the data
//     centres.
//
// Any client id and secret are good until a client is named: in the seed
// ([Org]), by [Options] or by POST /__emulator/client {"id", "secret",
// "redirect_uris"}. A code or refresh token is good for its own client only.
//
// Another emulator can be another data centre: [Options.OtherCentres] or POST
// /__emulator/centres {"location": "us", "others": {"eu": "http://..."}}. The
// pages then ask where the account lives (location=eu in the form); its code is
// good there, and its device is told other_dc. Emulators tell each other by
// POST /__emulator/handover.
//
// # Faults
//
// Faults can be injected (see [ParseFaults]), because a client is only as good
// as what it does when the answer is late, cut or not JSON.
//
// # What it refuses
//
// Writing records, searches and bulk reads are not there yet, nor modules other
// than Deals and Contacts. User rights are not modelled, but for those that
// [Options.Denied] takes away: what its scopes allow, a token may do. A composite
// request may neither roll back (NOT_SUPPORTED) nor refer to the answer of
// another sub-request (INVALID_REFERENCE). Client credentials and tokens in the
// redirect (response_type=token) are not there.
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
//   - a token request is refused with HTTP 200 and {"error": ...}, the throttle
//     with 400, a wrong token to revoke with 400 and a body of our own;
//   - a wrong code_verifier is invalid_code, and what is wrong with a browser's
//     request is said on a page with 400: it is not sent back;
//   - a code that comes a second time is invalid_code; the tokens that it gave
//     live on. A code that was refused for its redirect URI, verifier or client
//     may still be exchanged;
//   - a device may ask every 30 seconds, the first time at once, and one that
//     was told to slow down has asked;
//   - WRITE is CREATE and UPDATE but not DELETE, which one page says; ALL or READ
//     of a whole group (ZohoCRM.modules.READ) includes what is below it;
//   - how many codes a client gets in ten minutes is not limited;
//   - a record that is not there is read as 204; a page token is good for any
//     user; it goes on after the last row of its page, so that deletions in
//     between move nothing; there is no previous page token;
//   - newer than If-Modified-Since is later, not as late; writing and removing
//     contact roles does not move a deal's Modified_Time;
//   - a deal that is deleted loses its contact roles, and stays in the recycle
//     bin for 60 days, then 60 more in the list;
//   - how many rows COQL gives: [Options.CoqlRows]; its credits go by the limit
//     clause; an owner's name is the last name in COQL and the full name
//     elsewhere, both after Zoho's samples;
//   - in COQL empty fields meet "is null" only and come first, and texts are
//     compared exactly, case included;
//   - Contact_Role of Contacts/{id}/Deals is a string for deals with an even id
//     and a bare number for the others: Zoho has one sample of each;
//   - of sub-concurrency, ten heavy calls in flight, a composite request takes
//     one place, whatever is in it;
//   - role names are compared exactly, case included, and kept as they are sent:
//     spaces around a name, or alone, are part of it;
//   - how an update moves the roles that it does not name: [Options.RoleMoves].
//     The roles of one call are taken one after the other, and positions are
//     always 1, 2, 3 without a gap: one past the end is the end;
//   - a user without a right is refused the whole call, with NO_PERMISSION;
//   - a role deleted while deals use it stays on those deals;
//   - a write is applied when it arrives, the latency passes afterwards: a
//     client that gives up waiting has written all the same.
//
// Sources are Zoho's pages: "Zoho CRM API v8" (Scopes; Revoking Refresh Token;
// Get, Insert, Update and Delete Contact Roles; Get, Add and Remove Contact
// Roles of a Specific Deal; Get Records; Delete Records; Get List of Deleted
// Records; Record Count in a Module; Get Related Records; Query API; API Limits;
// Status Codes; Composite API), "Zoho CRM API v2, Token Validity", "Zoho
// Accounts, OAuth 2.0" (Get authorization code, Self Client, Initiation request,
// Polling request, Multi DC support), the OpenAPI files that Zoho publishes as
// zoho/crm-oas, Kaizen 66 (Contact Roles API), and the requests that the official
// Node and TypeScript SDKs 8.0 send.
package emulator

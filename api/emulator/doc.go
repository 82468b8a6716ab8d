// Package emulator is a Zoho account for tests and rehearsals: an http.Handler, on the standard library alone, that has
// the state of an org and answers as Zoho answers.
//
// # What it promises
//
// It is stateful: the next read shows what a write changed. It is strict: what Zoho's documents describe works, and
// everything else is refused with Zoho's own code, message, shape and HTTP status. It enforces limits: calls in flight,
// credits per rolling 24 hours, token life, items per call and the fields parameter. Zoho's official SDKs work against
// it unmodified for contact roles, records, metadata, users, the recycle bin and bulk reads.
//
// It serves, on one origin:
//
//   - accounts (package accounts): codes, the consent page, devices, refresh tokens;
//   - CRM v2, v2.1 and v3 to v8 under /crm/{version} (package crm): the role picklist (Contacts/roles), the contact
//     roles of deals (Deals/{id}/Contact_Roles), and the deals of a contact (Contacts/{id}/Deals);
//   - what describes the org (package meta): org, users, settings/modules, settings/fields, settings/layouts and
//     settings/related_lists;
//   - records of leads, accounts, contacts, deals and the custom modules of a seed: Get Records with pages, page
//     tokens, sorting and If-Modified-Since, one record by its id, COQL (package coql), deletions and the list of
//     deleted records;
//   - writes and searches of these records (package records): insert, update, upsert, search, their number
//     (Deals/actions/count), and in v8 the recycle bin (settings/recycle_bin);
//   - bulk read jobs of these modules (package bulk): /crm/bulk/{version}/read, its state, and the result as a zip;
//   - from v3 on composite requests (__composite_requests) of up to five calls: all reads except bulk reads, the writes
//     of one contact role of a deal, and the writes of one record;
//   - the PinkConnect gateway (package gateway) under /pinkconnect/crm/v2/: the same CRM in version 2, with modules in
//     lower case, every answer in {"output": ...}, no token, and a key of its own ([Options.Gateway]);
//   - contacts of Zoho Voice (package voice) under /rest/json/zv/contacts: the list, one contact, its creation, update
//     and deletion, and the values of contact_status;
//   - its own pages, which need no token: GET /__emulator/stats, /__emulator/state and /__emulator/org show what
//     happened; POST /__emulator/limits, /__emulator/grant, /__emulator/client and /__emulator/centres change settings.
//
// Faults can be injected, see [ParseFaults].
//
// # Generated orgs
//
// [Options.Deals] and [Options.Contacts] generate an org. It is the same every time and needs no memory: deal i has the
// id 4150868000010000000+i, contact j 4150868000020000000+j. There are 50 accounts from 4150868000030000001 and no
// leads. A changed record is kept in memory. Inserted records have ids from 4150868002000000001. [Options.RolesPerDeal]
// gives deal i so many contacts modulo one more: its k-th contact, from 0, is contact (i-1+k) mod M + 1 of M, with role
// (i+k) mod 7 of the usual seven, from 0. Some fields are empty. Some have commas, quotes, line breaks or umlauts, or
// begin like a formula. Contact j has the e-mail of contact j-1 if 97 divides j, and a second e-mail if 89 does. Deal i
// has the name of deal i-1, which is another account's, if 53 divides i, and else the name of deal i-50, which is of
// the same account, if 59 does. [Options.VoiceContacts] generates contacts of Zoho Voice: contact i has the id
// 31500010000000000+i, and a created one has an id from 31500020000000001.
//
// # Signing in
//
// The refresh token [RefreshToken] always exists and may do everything. Other tokens are granted as at Zoho, and the
// state file keeps them. They may do what their scopes say: a call without the scopes of its page is answered
// OAUTH_SCOPE_MISMATCH.
//
//   - Self client: POST /__emulator/grant {"scope": "ZohoCRM.modules.ALL"} stands for the API console, with "ttl" in
//     seconds (180, at most 600). It gives {"code": ...}. POST /oauth/v2/token exchanges the code with the grant
//     authorization_code and without a redirect URI.
//   - Browser: GET /oauth/v2/auth is the consent page. Its form posts decision=accept or decision=deny to the page's
//     own URL, and the answer is the redirect. The code lives two minutes. It needs the same redirect URI and, after a
//     code_challenge, the code_verifier.
//   - Device: POST /oauth/v3/device/code and /oauth/v3/device/token. The user decides on GET /oauth/v3/device, or with
//     ?user_code= at once.
//   - POST /oauth/v2/token/revoke ends a refresh token and its access tokens, [RefreshToken] until the next start. GET
//     /oauth/serverinfo lists the data centres.
//
// Any client id and secret are good until a client is known: from the seed ([Org]), from [Options], or by POST
// /__emulator/client {"id", "secret", "redirect_uris"}. A code or refresh token is good for its own client only.
//
// Another emulator can be another data centre: [Options.OtherCentres] or POST /__emulator/centres {"location": "us",
// "others": {"eu": "http://..."}}. The pages then ask where the account lives (location=eu in the form). Its code is
// good there, and its device receives other_dc. Emulators inform each other by POST /__emulator/handover.
//
// # What it refuses
//
// The emulator refuses mass calls, external ids, subforms, multi-select lookups, files, tags, custom views, filters,
// conversion of leads, and Zoho's other modules. It checks triggers, but runs no automation and no assignment rule. A
// composite request may neither roll back (NOT_SUPPORTED) nor refer to the answer of another sub-request
// (INVALID_REFERENCE). Client credentials and tokens in the redirect (response_type=token) do not exist. A token may do
// what its scopes allow, except for the user rights that [Options.Denied] takes away.
//
// # Where the documents are silent or disagree
//
// A comment names each choice where the code makes it. A client notices these:
//
//   - The collection PUT of a deal's roles is only in Zoho's newest OpenAPI file for v8. Here it merges by default. It
//     may replace or be off ([Options.CollectionPut]). When off, and before v8, it is refused with
//     INVALID_REQUEST_METHOD, because the URL exists for GET and DELETE.
//   - The Composite API page does not name contact roles. Here they count as its "Get Related Records" and
//     "Update/Delink Related Records", which carry 25 records and one. [Options.Composite] turns composite requests
//     off.
//   - A composite request takes one credit and five of the calls in flight, all or none, and one of the ten heavy
//     calls. Its status says how many sub-requests were triggered (200 all, 207 some, 400 none). A triggered
//     sub-request has the code SUCCESS whatever its answer; its own status is in status_code.
//   - A refused token request is HTTP 200 and {"error": ...}. The throttle is 400. A wrong token to revoke is 400 with
//     a body of our own.
//   - A wrong code_verifier is invalid_code. A page with 400 says what is wrong with a browser's request; the browser
//     is not sent back.
//   - A repeated code is invalid_code, and its tokens live on. A code that was refused for its redirect URI, verifier
//     or client may still be exchanged.
//   - A device may ask every 30 seconds, the first time at once. A poll that comes too early counts as a poll.
//   - WRITE is CREATE and UPDATE but not DELETE, although one page says so. ALL or READ of a whole group
//     (ZohoCRM.modules.READ) includes what is below it.
//   - The number of codes of a client in ten minutes is not limited.
//   - A record that does not exist is read as 204. A page token is good for any user. It continues after the last row
//     of its page, so deletions in between move nothing. There is no previous page token.
//   - Newer than If-Modified-Since means later; the same time is not newer. A change of contact roles does not change
//     a deal's Modified_Time.
//   - A deleted deal or contact has no roles. It stays in the recycle bin for 60 days, then 60 more in the list.
//   - The rows of a COQL call: [Options.CoqlRows]. Its credits depend on the limit clause. An owner's name is the last
//     name in COQL and the full name elsewhere, both after Zoho's samples. Empty fields match "is null" only and come
//     first. Texts are compared exactly, case included.
//   - Contact_Role of Contacts/{id}/Deals is a string for deals with an even id and a number for the others: Zoho has
//     one sample of each.
//   - Role names are compared exactly, case included, and stored as sent: spaces around a name are part of it.
//   - How an update moves the roles that it does not name: [Options.RoleMoves]. The roles of one call are taken one
//     after another. Positions are always 1, 2, 3 without a gap. A position past the end is the end.
//   - A user without a right is refused the whole call, with NO_PERMISSION or AUTHORIZATION_FAILED: [Options.Denied].
//     Each page lists both, and none says which comes when. A query needs no right to view its module.
//   - A contact who is not on the deal is "relation not found" for a removal, also one who was taken off before. The
//     page has "contact role not deleted" for that, in the words of the page Delete Contact Roles.
//   - Deals keep a role that was deleted from the picklist.
//   - No field is unique unless the seed says so. Email, Account_Name, Deal_Name and the Name of custom modules are
//     the fields of the duplicate check: an upsert finds a record by them, and an insert may repeat them. Of several
//     records with the value an upsert changes the oldest one. An id in a record of an upsert names the record.
//   - Writes ignore unknown keys and fields that calls may not write. An empty text clears a field, as null does. A
//     picklist takes any text. Digits after the point that a field does not have are cut. Times are stored in UTC.
//   - A lookup shows the name that its record had when the lookup was written.
//   - A delete takes 100 ids and 1,024 characters of them.
//   - equals in a search is like contains and ignores case. Empty fields match no operator. Without sort_by the latest
//     id comes first. Criteria on a lookup have an id or a name. [Options.SearchLag] makes the index late.
//   - The page of the PinkConnect gateway has no errors. Here Zoho's are wrapped like all answers, with Zoho's status;
//     the gateway's own are {"error", "message"} with 401 or 404. Nothing tells what it forwards beyond its page:
//     [Options.Gateway]. Only there a search takes the operator contains.
//   - A bulk read job is IN PROGRESS when it is first asked for, and COMPLETED from then on. Its rows are those of the
//     moment when it was created. Jobs do not outlive the process.
//   - A restored record has its roles again. A unique value that another record has meanwhile does not stop it.
//   - Zoho Voice: its pages list no codes of contacts, no HTTP status of a refusal and no limits. The codes here are
//     ours (ZVCONTACT-...), with 400, 404 for a contact that does not exist, 401 for a token, and 429 for limits:
//     [Options.VoiceInFlight], and [Options.VoiceRate] for calls of one kind. Faults have the codes of the CRM. Where
//     the parameter "contact" stands: [Options.VoiceContact]. Whether an update merges: [Options.VoicePut]; it keeps a
//     status that it does not name. Unknown keys and parameters, and values that are no strings, are refused. Contacts
//     may be equal. The list is sorted by id. Its ids have 17 digits, past 2^53, where the samples have 15.
//   - A write is applied when it arrives, and what is left of the latency passes afterwards. A client that gives up
//     has written.
//
// Sources are Zoho's pages: "Zoho CRM API v8" (Scopes; Revoking Refresh Token; Get, Insert, Update and Delete Contact
// Roles; Get, Add and Remove Contact Roles of a Specific Deal; Get, Insert, Update, Upsert, Search and Delete Records;
// Get List of Deleted Records; Record Count in a Module; Recycle Bin; Bulk Read; Users; Modules, Fields and Layouts
// Metadata; Get Related Records; Query API; API Limits; Status Codes; Composite API), "Zoho CRM API v2, Token
// Validity", "Zoho Accounts, OAuth 2.0" (Get authorization code, Self Client, Initiation request, Polling request,
// Multi DC support), "Zoho Voice, Contacts API", "Zoho CRM API" of docs.pinkfish.ai (PinkConnect), the OpenAPI files
// that Zoho publishes as zoho/crm-oas, Kaizen 66 (Contact Roles API), and the requests that the official Node and
// TypeScript SDKs 8.0 send.
package emulator

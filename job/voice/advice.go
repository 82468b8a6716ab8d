package voice

import "rolecall/job"

// advice returns what to do about a row that failed with a code, or "" for an unknown code. Zoho's pages list no codes
// for contacts of Voice.
func advice(code, _ string) string {
	text, own := job.OwnAdvice(code)
	switch {
	case code == job.CodeOutcomeUnknown:
		return "look for the contact in Voice as the message says, or send failed.csv with --match mobile, which " +
			"updates the contact if Voice has it; without --match the row is sent again only after you empty its rc_code"
	case code == job.CodeContactAmbiguous:
		return "fill in contact_id in failed.csv, and send that again"
	case code == job.CodeRecordNotFound:
		return "look for the contact in Voice: it was deleted, its id is wrong, or this user may not see it"
	case code == job.CodePriorUnknown:
		return "look the contact up in Voice, and change it there: the run did not record what was before"
	case own:
		return text
	}
	return job.ZohoAdvice(code)
}

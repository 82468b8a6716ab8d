package voice

import (
	"context"
	"fmt"

	"rolecall/api"
	"rolecall/job"
)

// listTries is how often list reads the contacts if some came or went meanwhile.
const listTries = 3

// list calls each with every contact of Voice. It calls begin before each try, because a later try lists all contacts
// again. whole reports whether the number of listed contacts equals the count before the list and the count after it.
// Pages have an index, so a contact that is deleted meanwhile moves another contact to a page that was already read.
func list(ctx context.Context, from zoho, begin func(), each func(*api.VoiceContact)) (whole bool, err error) {
	for range listTries {
		begin()
		if whole, err = listOnce(ctx, from, each); whole || err != nil {
			return whole, err
		}
	}
	return false, nil
}

func listOnce(ctx context.Context, from zoho, each func(*api.VoiceContact)) (whole bool, err error) {
	var n int
	total := int64(-1)
	for {
		page, err := from.VoiceContacts(ctx, n, api.MostVoicePerPage, n == 0)
		if err != nil {
			return false, fmt.Errorf("list the contacts of Zoho Voice: %w", err)
		}
		if n == 0 {
			total = page.Total
		}
		for i := range page.Contacts {
			each(&page.Contacts[i])
		}
		n += len(page.Contacts)
		if len(page.Contacts) < api.MostVoicePerPage {
			break
		}
	}
	if total < 0 { // Voice does not count
		return true, nil
	}
	after, err := from.VoiceContacts(ctx, 0, 1, true)
	if err != nil {
		return false, fmt.Errorf("count the contacts of Zoho Voice: %w", err)
	}
	return total == int64(n) && after.Total == total, nil
}

// notWhole returns the error of a run that needs a complete list of contacts and has none.
func notWhole() error {
	return &job.Stop{Reason: job.Refused, Err: fmt.Errorf("the list of the contacts changed each of the %d times "+
		"that it was read, so that contacts may be missing: give the command again when nobody changes them", listTries)}
}

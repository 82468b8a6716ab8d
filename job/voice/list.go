package voice

import (
	"context"
	"fmt"

	"rolecall/api"
	"rolecall/job"
)

// listTries is how often a list is read that is not whole because contacts came or went meanwhile.
const listTries = 3

// list calls each with every contact of Voice. It calls begin before each try, because a later try lists all contacts
// again. whole reports whether the number of contacts was the same before and after the list and in it: a page is found
// by its index, so that a contact that goes away meanwhile moves another one out of the list.
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

// notWhole refuses a run that needs the list of all contacts.
func notWhole() error {
	return &job.Stop{Reason: job.Refused, Err: fmt.Errorf("the list of the contacts changed each of the %d times "+
		"that it was read, so that contacts may be missing: give the command again when nobody changes them", listTries)}
}

package export

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// front answers calls in place of the emulator if answer returns true.
func front(answer func(w http.ResponseWriter, q *http.Request, body string) bool) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			body, err := io.ReadAll(q.Body)
			if err != nil || !answer(w, q, string(body)) {
				q.Body = io.NopCloser(strings.NewReader(string(body)))
				next.ServeHTTP(w, q)
			}
		})
	}
}

// unknown is Zoho's answer to a read of a record that does not exist.
const unknown = `{"code":"INVALID_DATA","details":{"resource_path_index":1},` +
	`"message":"the related id given seems to be invalid","status":"error"}`

// If Zoho refuses to read a record as unknown but still lists it, the record is not deleted, and no file is written. An
// empty or incomplete answer to a look-up does not show that a record is deleted.
func TestGoneIsBelievedOnlyAfterASecondLook(t *testing.T) {
	t.Parallel()
	isLook := func(q *http.Request, body string) bool {
		return strings.HasSuffix(q.URL.Path, "/coql") && strings.Contains(body, " in (")
	}
	reads := func(deal string) func(http.ResponseWriter, *http.Request, string) bool {
		return func(w http.ResponseWriter, q *http.Request, _ string) bool {
			refuses := strings.Contains(q.URL.Path, deal+"/Contact_Roles") ||
				strings.Contains(q.URL.Path, "/Contacts/") && strings.HasSuffix(q.URL.Path, deal+"/Deals")
			if refuses {
				jobtest.Answer(w, http.StatusBadRequest, unknown)
			}
			return refuses
		}
	}
	contact := "415086800002000000"
	for name, c := range map[string]struct {
		via    bool
		coql   string
		answer func(w http.ResponseWriter, q *http.Request, body string) bool
		says   string
	}{
		"every deal": {answer: reads(""), says: "INVALID_DATA: the related id given seems to be invalid"},
		"every deal, no COQL": {
			coql: "off", answer: reads(""), says: "as if they were deleted: deal " + jobtest.DealID(1),
		},
		"one deal":    {answer: reads(jobtest.DealID(2)), says: "deal " + jobtest.DealID(2) + " (INVALID_DATA"},
		"one contact": {via: true, answer: reads(contact + "2"), says: "contact " + contact + "2 (INVALID"},
		"the last look is empty": {via: true, says: "deal " + jobtest.DealID(1) + ", deal " + jobtest.DealID(2),
			answer: func(w http.ResponseWriter, q *http.Request, body string) bool {
				if isLook(q, body) {
					w.WriteHeader(http.StatusNoContent)
				}
				return isLook(q, body)
			}},
		"the last look is half": {via: true, says: "Zoho sent 1, and more_records is true",
			answer: func(w http.ResponseWriter, q *http.Request, body string) bool {
				if isLook(q, body) {
					jobtest.Answer(w, http.StatusOK, fmt.Sprintf(
						`{"data":[{"id":%q}],"info":{"more_records":true}}`, jobtest.DealID(1)))
				}
				return isLook(q, body)
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := emulator.Options{Deals: 5, Contacts: 5, RolesPerDeal: 2, Coql: c.coql}
			r := newRigBehind(t, o, front(c.answer))
			q := r.request("out.csv")
			q.Options.ViaContacts = c.via
			r.stops(q, job.Refused, c.says)
		})
	}
}

// If all look-ups say that all deals are deleted, an empty file does not replace the earlier one.
func TestAllGoneIsNotWritten(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"out.csv", Stdout} {
		r := newRigBehind(t, emulator.Options{Deals: 5, Contacts: 5},
			front(func(w http.ResponseWriter, q *http.Request, body string) bool {
				switch {
				case strings.HasSuffix(q.URL.Path, "/Contact_Roles"):
					jobtest.Answer(w, http.StatusBadRequest, unknown)
				case strings.Contains(body, " in ("), q.URL.Query().Has("ids"):
					w.WriteHeader(http.StatusNoContent)
				default:
					return false
				}
				return true
			}))
		q := r.request("out.csv")
		if file == Stdout {
			q.Options.Output, q.Stdout = Stdout, io.Discard
		}
		r.stops(q, job.Refused, "Zoho listed 5 deals, and then all of them seemed to be deleted")
	}
}

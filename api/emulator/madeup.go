package emulator

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The user who owns everything. Ids of made-up things are as far from deals
// and contacts as Zoho's samples put them.
const (
	userID       = "4150868000000225013"
	userName     = "Rehearsal User"
	userEmail    = "user@example.com"
	firstAccount = id(4150868000030000000)
)

func givenNames() []string {
	return []string{"Ada", "Bruno", "Chidi", "Dana", "Elif", "Farid", "Grace", "Hana", "Ines", "Jonas", "Kofi", "Lena", "Mira", "Noor", "Otto", "Priya"}
}

func familyNames() []string {
	return []string{"Abara", "Bianchi", "Costa", "Duval", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanova", "Jensen", "Kim", "Lopez", "Meyer"}
}

// madeUpName is the name of generated contact j.
func madeUpName(j int) (first, last string) {
	given, family := givenNames(), familyNames()
	return given[j%len(given)], family[j%len(family)]
}

// madeUpContact computes a field of generated contact n: the same every time,
// and no two with one e-mail address. Some hold what a CSV file must quote or
// a spreadsheet would take for a formula.
func madeUpContact(n id, name string) json.RawMessage {
	j := int(n - firstContact) //nolint:gosec // within maxGenerated
	first, last := madeUpName(j)
	switch name {
	case "First_Name":
		return text(first)
	case "Last_Name":
		return text(last)
	case "Full_Name":
		return text(first + " " + last)
	case "Email":
		return text(strings.ToLower(first+"."+last) + "." + strconv.Itoa(j) + "@example.com")
	case "Phone":
		return text(fmt.Sprintf("+1 555 %07d", j%10_000_000))
	case "Title":
		return pick(j, "Director", "Manager", "Engineer", "Analyst", "Geschäftsführer", `Buyer "EMEA", north`, "=Lead", "@Board")
	case "Department":
		return pick(j, "Engineering", "Finance", "Operations", "Procurement", "")
	case "Account_Name":
		return madeUpAccount(j)
	case "Email_Opt_Out":
		return json.RawMessage(strconv.FormatBool(j%10 == 0))
	}
	return madeUpSystem(j, name)
}

// madeUpAccount is the account of contact or deal i: there are 50.
func madeUpAccount(i int) json.RawMessage {
	account := i%50 + 1
	return lookupValue(fmt.Sprintf("Account %d", account), firstAccount+id(account)) //nolint:gosec // 1 to 50
}

// madeUpSystem computes what contacts and deals have alike.
func madeUpSystem(i int, name string) json.RawMessage {
	created, modified := madeUpTimes(i)
	switch name {
	case "Owner", "Created_By", "Modified_By":
		return madeUpUser()
	case "Created_Time":
		return text(timeText(created))
	case "Modified_Time":
		return text(timeText(modified))
	}
	return json.RawMessage("null")
}

// madeUpEpoch is when the first generated record might have been made.
const madeUpEpoch = 1577836800 // 1 January 2020, UTC

// madeUpTimes are the Unix times of record i: made in the order of the ids,
// changed up to a week later in no order.
func madeUpTimes(i int) (created, modified int64) {
	created = madeUpEpoch + int64(i)*97
	return created, created + int64(i)*7919%10007*60
}

// timeText is a time as Zoho writes it.
func timeText(unix int64) string { return time.Unix(unix, 0).UTC().Format(zohoTime) }

const zohoTime = "2006-01-02T15:04:05-07:00"

// pick takes the texts in turn; "" is null, which Zoho sends for an empty
// field.
func pick(i int, texts ...string) json.RawMessage {
	if s := texts[i%len(texts)]; s != "" {
		return text(s)
	}
	return json.RawMessage("null")
}

// madeUpUser is the one user, as an owner.
func madeUpUser() json.RawMessage {
	return json.RawMessage(`{"name":"` + userName + `","id":"` + userID + `","email":"` + userEmail + `"}`)
}

// lookupValue is the value of a lookup field.
func lookupValue(name string, n id) json.RawMessage {
	return lookup(nameID{name, n})
}

type nameID struct {
	Name string `json:"name"`
	ID   id     `json:"id"`
}

func text(s string) json.RawMessage { return lookup(s) }

// lookup encodes what cannot fail to encode.
func lookup[T any](v T) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return b
}

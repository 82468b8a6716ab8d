package emulator

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
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

// madeUpContact computes the fields of generated contact n: the same every
// time, and no two with one e-mail address.
func madeUpContact(n id) Record {
	j := int(n - firstContact) //nolint:gosec // within maxGenerated
	given, family := givenNames(), familyNames()
	first, last := given[j%len(given)], family[j%len(family)]
	departments := []string{"Engineering", "Finance", "Operations", "Procurement", ""}
	titles := []string{"Director", "Manager", "Engineer", "Analyst"}
	account := j%50 + 1
	r := Record{
		"id":         text(n.String()),
		"First_Name": text(first),
		"Last_Name":  text(last),
		"Full_Name":  text(first + " " + last),
		"Email":      text(strings.ToLower(first+"."+last) + "." + strconv.Itoa(j) + "@example.com"),
		"Phone":      text(fmt.Sprintf("+1 555 %07d", j%10_000_000)),
		"Title":      text(titles[j%len(titles)]),
		"Department": json.RawMessage("null"), // Zoho sends null for an empty field
		"Account_Name": lookup(struct {
			Name string `json:"name"`
			ID   id     `json:"id"`
		}{fmt.Sprintf("Account %d", account), firstAccount + id(account)}), //nolint:gosec // 1 to 50
		"Owner": lookup(struct {
			Name  string `json:"name"`
			ID    string `json:"id"`
			Email string `json:"email"`
		}{userName, userID, userEmail}),
	}
	if d := departments[j%len(departments)]; d != "" {
		r["Department"] = text(d)
	}
	return r
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

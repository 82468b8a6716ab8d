package org

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rolecall/api/emulator/wire"
)

// Generated records are the same every time. Some fields are empty. Some hold text that a CSV file must quote or that a
// spreadsheet would take for a formula. The ids of modules are as far apart as in Zoho's samples.
const (
	firstDeal    ID = 4150868000010000000 // deal i is firstDeal+i, i from 1
	firstContact ID = 4150868000020000000
	firstAccount ID = 4150868000030000000

	// MaxGenerated keeps the ids of generated deals below those of generated contacts.
	MaxGenerated = 1_000_000_000
	// MaxRolesPerDeal keeps a generated deal's contacts on one page.
	MaxRolesPerDeal = 200

	// generatedAccounts is how many accounts a generated org has.
	generatedAccounts = 50
	// firstNew is below the ids of records that calls insert, and above all generated ones.
	firstNew ID = 4150868002000000000

	// Of sharedEmail contacts, one has the e-mail of the contact before it. Of secondEmail contacts, one has a second
	// e-mail.
	sharedEmail, secondEmail = 97, 89
	// Of sharedName deals, one has the name of the deal before it, which belongs to another account. Of sharedInAccount
	// deals, one has the name of the deal before it of its own account.
	sharedName, sharedInAccount = 53, 59

	generatedEpoch = 1577836800 // 1 January 2020, UTC
)

func accountName(i int) string { return fmt.Sprintf("Account %d", i) }

// generatedValue computes a field of a generated record.
func (r *Records) generatedValue(m Module, n ID, name string) json.RawMessage {
	switch m {
	case Deals:
		return r.generatedDeal(n, name)
	case Contacts:
		return generatedContact(n, name)
	}
	i := int(n - firstAccount) //nolint:gosec // a generated id is close to the first
	if name == "Account_Name" {
		return wire.Quote(accountName(i))
	}
	return generatedOther(i, name)
}

// generatedName returns the name of generated contact j.
func generatedName(j int) (first, last string) {
	given := [...]string{"Ada", "Bruno", "Chidi", "Dana", "Elif", "Farid", "Grace", "Hana",
		"Ines", "Jonas", "Kofi", "Lena", "Mira", "Noor", "Otto", "Priya"}
	family := [...]string{"Abara", "Bianchi", "Costa", "Duval", "Eriksen", "Fischer", "Garcia",
		"Haddad", "Ivanova", "Jensen", "Kim", "Lopez", "Meyer"}
	return given[j%len(given)], family[j%len(family)]
}

// generatedEmail returns the e-mail of generated contact j at a host.
func generatedEmail(j int, host string) string {
	first, last := generatedName(j)
	return strings.ToLower(first+"."+last) + "." + strconv.Itoa(j) + "@" + host
}

// generatedContact computes a field of contact n. Most contacts have an e-mail of their own.
func generatedContact(n ID, name string) json.RawMessage {
	j := int(n - firstContact) //nolint:gosec // a generated id is within MaxGenerated of the first
	first, last := generatedName(j)
	switch name {
	case "First_Name":
		return wire.Quote(first)
	case "Last_Name":
		return wire.Quote(last)
	case "Full_Name":
		return wire.Quote(first + " " + last)
	case "Email":
		if j%sharedEmail == 0 {
			j--
		}
		return wire.Quote(generatedEmail(j, "example.com"))
	case "Secondary_Email":
		if j%secondEmail == 0 {
			return wire.Quote(generatedEmail(j, "example.org"))
		}
		return wire.Null()
	case "Phone":
		return wire.Quote(fmt.Sprintf("+1 555 %07d", j%10_000_000))
	case "Mobile":
		return wire.Quote(fmt.Sprintf("+1 201 %07d", 2_000_000+j%8_000_000))
	case "Title":
		return pick(j, "Director", "Manager", "Engineer", "Analyst", "Geschäftsführer", `Buyer "EMEA", north`,
			"=Lead", "@Board")
	case "Department":
		return pick(j, "Engineering", "Finance", "Operations", "Procurement", "")
	case "Email_Opt_Out":
		return json.RawMessage(strconv.FormatBool(j%10 == 0))
	}
	return generatedOther(j, name)
}

// generatedDeal computes a field of deal n.
func (r *Records) generatedDeal(n ID, name string) json.RawMessage {
	i := int(n - firstDeal) //nolint:gosec // a generated id is within MaxGenerated of the first
	switch name {
	case "Deal_Name":
		return wire.Quote(dealName(i))
	case "Stage":
		return pick(i, stages()...)
	case "Amount":
		if i%7 == 0 {
			return wire.Null()
		}
		return json.RawMessage(strconv.Itoa(i%1000*125) + "." + strconv.Itoa(i%4*25))
	case "Closing_Date":
		if i%11 == 0 {
			return wire.Null()
		}
		return wire.Quote(time.Unix(generatedEpoch, 0).UTC().AddDate(5, 0, i%1000).Format(time.DateOnly))
	case "Contact_Name": // the primary contact, which is independent of the contact roles
		if r.generated.Contacts == 0 || i%5 == 0 {
			return wire.Null()
		}
		j := i%r.generated.Contacts + 1
		first, last := generatedName(j)
		return LookupValue(first+" "+last, firstContact+ID(j)) //nolint:gosec // the number is positive
	case "Pipeline":
		return wire.Quote("Standard (Standard)")
	case "Probability":
		return json.RawMessage(strconv.Itoa(i % 9 * 10))
	case "Description":
		return pick(i, "", "One line", "Two lines,\nwith a \"quote\"", "=HYPERLINK(\"x\")", "Größe; Maß", "")
	}
	return generatedOther(i, name)
}

func dealName(i int) string {
	switch {
	case i%sharedName == 0:
		i--
	case i%sharedInAccount == 0:
		i -= generatedAccounts
	}
	patterns := [...]string{"Renewal %d", "Umbau Müller & Söhne %d", `"Pilot" line %d`, "Rollout, phase %d",
		"=Budget %d", "+%d seats", "Crème brûlée %d", "-%d"}
	return fmt.Sprintf(patterns[i%len(patterns)], i)
}

// generatedOther computes the fields that modules share.
func generatedOther(i int, name string) json.RawMessage {
	created, modified := generatedTimes(i)
	switch name {
	case "Account_Name":
		account := i%generatedAccounts + 1
		//nolint:gosec // the number is positive
		return LookupValue(accountName(account), firstAccount+ID(account))
	case "Owner", "Created_By", "Modified_By":
		return userValue()
	case "Created_Time":
		return wire.Quote(TimeText(created))
	case "Modified_Time":
		return wire.Quote(TimeText(modified))
	}
	return wire.Null()
}

// generatedTimes returns the Unix times of record i. Records are created in the order of their ids, and modified up to
// a week later in no order.
func generatedTimes(i int) (created, modified int64) {
	created = generatedEpoch + int64(i)*97
	return created, created + int64(i)*7919%10007*60
}

// pick takes the texts in turn. "" gives null, which Zoho sends for an empty field.
func pick(i int, texts ...string) json.RawMessage {
	if s := texts[i%len(texts)]; s != "" {
		return wire.Quote(s)
	}
	return wire.Null()
}

// The roles on generated deals are computed too: deal i has i mod (RolesPerDeal+1) contacts. The k-th of them (from 0)
// is contact (i-1+k) mod M + 1 of M, and has role (i+k) mod R of R. So a contact's deals can be computed as well.

// rolesOn returns how many contacts generated deal i has.
func (r *Records) rolesOn(i int) int {
	if len(r.roles) == 0 {
		return 0
	}
	return min(i%(r.generated.RolesPerDeal+1), r.generated.Contacts)
}

// generatedRelations returns the contacts of a generated deal, sorted. Other deals have none.
func (r *Records) generatedRelations(deal ID) []Relation {
	if r.generated.RolesPerDeal == 0 || !within(deal, firstDeal, r.generated.Deals) {
		return nil
	}
	i := int(deal - firstDeal) //nolint:gosec // a generated id is within MaxGenerated of the first
	list := make([]Relation, r.rolesOn(i))
	for k := range list {
		j := (i-1+k)%r.generated.Contacts + 1
		//nolint:gosec // the number is positive
		list[k] = Relation{Contact: firstContact + ID(j), Role: r.roles[(i+k)%len(r.roles)]}
	}
	slices.SortFunc(list, func(a, b Relation) int { return ByContact(a, b.Contact) })
	return list
}

// generatedDealsOf returns the generated deals of a contact, in no order.
func (r *Records) generatedDealsOf(contact ID) []ID {
	contacts := r.generated.Contacts
	if r.generated.RolesPerDeal == 0 || len(r.roles) == 0 || !within(contact, firstContact, contacts) {
		return nil
	}
	j := int(contact - firstContact) //nolint:gosec // a generated id is within MaxGenerated of the first
	var list []ID
	for k := range min(r.generated.RolesPerDeal, contacts) {
		// The first deal with this k-th contact, and every contacts-th deal after it that has more than k contacts.
		for i := (j-1-k+contacts)%contacts + 1; i <= r.generated.Deals; i += contacts {
			if r.rolesOn(i) > k {
				list = append(list, firstDeal+ID(i)) //nolint:gosec // the number is positive
			}
		}
	}
	return list
}

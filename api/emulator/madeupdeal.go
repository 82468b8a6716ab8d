package emulator

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// madeUpDeal computes a field of generated deal n: the same every time. Some
// names hold what a CSV file must quote or a spreadsheet would take for a
// formula; some fields are empty.
func (b *base) madeUpDeal(n id, name string) json.RawMessage {
	i := int(n - firstDeal) //nolint:gosec // within maxGenerated
	switch name {
	case "Deal_Name":
		return text(madeUpDealName(i))
	case "Stage":
		return pick(i, "Qualification", "Needs Analysis", "Value Proposition", "Identify Decision Makers", "Proposal/Price Quote",
			"Negotiation/Review", "Closed Won", "Closed Lost", "Closed Lost to Competition")
	case "Amount":
		if i%7 == 0 {
			return json.RawMessage("null")
		}
		return json.RawMessage(strconv.Itoa(i%1000*125) + "." + strconv.Itoa(i%4*25))
	case "Closing_Date":
		if i%11 == 0 {
			return json.RawMessage("null")
		}
		return text(time.Unix(madeUpEpoch, 0).UTC().AddDate(5, 0, i%1000).Format(time.DateOnly))
	case "Account_Name":
		return madeUpAccount(i)
	case "Contact_Name":
		return b.madeUpPrimary(i)
	case "Pipeline":
		return text("Standard (Standard)")
	case "Probability":
		return json.RawMessage(strconv.Itoa(i % 9 * 10))
	case "Description":
		return pick(i, "", "One line", "Two lines,\nwith a \"quote\"", "=HYPERLINK(\"x\")", "Größe; Maß", "")
	}
	return madeUpSystem(i, name)
}

func madeUpDealName(i int) string {
	patterns := []string{"Renewal %d", "Umbau Müller & Söhne %d", `"Pilot" line %d`, "Rollout, phase %d", "=Budget %d", "+%d seats", "Crème brûlée %d", "-%d"}
	return fmt.Sprintf(patterns[i%len(patterns)], i)
}

// madeUpPrimary is the primary contact, which has nothing to do with the
// contact roles.
func (b *base) madeUpPrimary(i int) json.RawMessage {
	if b.generated.Contacts == 0 || i%5 == 0 {
		return json.RawMessage("null")
	}
	j := i%b.generated.Contacts + 1
	first, last := madeUpName(j)
	return lookupValue(first+" "+last, firstContact+id(j)) //nolint:gosec // positive
}

package emulator

import (
	"encoding/json"
	"strings"
	"time"
)

// seededTime is when seeded records were made and changed that do not say so.
const seededTime = "2024-01-01T00:00:00+00:00"

// unsaid is a field of a seeded record that does not say it: what no record of
// Zoho's is without is filled in, the rest is empty.
func unsaid(record Record, name string) json.RawMessage {
	switch name {
	case "Owner", "Created_By", "Modified_By":
		return madeUpUser()
	case "Created_Time", "Modified_Time":
		return text(seededTime)
	case "Full_Name":
		first, _ := unquote(record["First_Name"])
		last, _ := unquote(record["Last_Name"])
		if full := strings.TrimSpace(first + " " + last); full != "" {
			return text(full)
		}
	case "Email_Opt_Out":
		return json.RawMessage("false")
	}
	return json.RawMessage("null")
}

// times are the Unix times of a record; a seeded time that is none is 0.
func (b *base) times(m module, n id) (created, modified int64) {
	record, seeded := b.records[m][n]
	if !seeded {
		first, _ := b.stretch(m)
		return madeUpTimes(int(n - first)) //nolint:gosec // within maxGenerated
	}
	return recordTime(record, "Created_Time"), recordTime(record, "Modified_Time")
}

func recordTime(record Record, name string) int64 {
	value, found := record[name]
	if !found {
		value = text(seededTime)
	}
	s, _ := unquote(value)
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return 0
	}
	return t.Unix()
}

package csvio

import (
	"errors"
	"strings"
	"testing"
)

const soundID = "4150868000010000001"

type idCase struct{ cell, want, code, says string }

func soundIDs() []idCase {
	return []idCase{
		{soundID, soundID, "", ""},
		{"zcrm_" + soundID, soundID, "", ""},
		{"ZCRM_" + soundID, soundID, "", ""},
		{"  " + soundID + "\t", soundID, "", ""},
		{"\u00a0" + soundID + "\u00a0\u202f", soundID, "", ""},
		{"\u200b\ufeff" + soundID, soundID, "", ""},
		{"'" + soundID, soundID, "", ""},
		{" ' zcrm_" + soundID + " ", soundID, "", ""},
		{`="` + soundID + `"`, soundID, "", ""},
		{` ="zcrm_` + soundID + `" `, soundID, "", ""},
		{"1", "1", "", ""},
		{"007", "007", "", ""},
		{"554023000000310003", "554023000000310003", "", ""},
		{"12345678901234567890", "12345678901234567890", "", ""},
	}
}

func brokenIDs() []idCase {
	return []idCase{
		{"", "", CodeIDMissing, "empty"},
		{" \u00a0\t\n", "", CodeIDMissing, "empty"},
		{"'", "", CodeIDMissing, "empty"},

		{"4.15087E+18", "", CodeIDRounded, "spreadsheet"},
		{"4,15087E+18", "", CodeIDRounded, "export the file again"},
		{"4.15087e18", "", CodeIDRounded, "lost its last digits"},
		{"4E+18", "", CodeIDRounded, "rounded"},
		{"zcrm_4.1E+18", "", CodeIDRounded, "rounded"},
		{" '4.15087E+18", "", CodeIDRounded, "rounded"},

		{"4,150,868,000,010,000,001", "", CodeIDInvalid, "thousands separators"},
		{"4.150.868.000.010.000.001", "", CodeIDInvalid, "thousands separators"},
		{"4 150 868 000 010 000 001", "", CodeIDInvalid, "thousands separators"},
		{"4\u00a0150\u00a0868", "", CodeIDInvalid, "thousands separators"},
		{"4’150’868", "", CodeIDInvalid, "thousands separators"},
		{"41,50,86,800", "", CodeIDInvalid, "thousands separators"},
		{"4150868000010000001.0", "", CodeIDInvalid, "decimal point"},
		{"4150868000010000001,00", "", CodeIDInvalid, "decimal point"},
		{"4150868.", "", CodeIDInvalid, "decimal point"},
		{"0x399A87F1F7AB7481", "", CodeIDInvalid, "hexadecimal"},
		{"399A87F1F7AB7481", "", CodeIDInvalid, "hexadecimal"},
		{"-4150868000010000001", "", CodeIDInvalid, "negative"},
		{"−4150868000010000001", "", CodeIDInvalid, "negative"},
		{"+4150868000010000001", "", CodeIDInvalid, "digits only"},
		{"123456789012345678901", "", CodeIDInvalid, "21 digits"},
		{"zcrm_", "", CodeIDInvalid, "digits only"},
		{"zcrm_zcrm_1", "", CodeIDInvalid, "digits only"},
		{"''1", "", CodeIDInvalid, "digits only"},
		{"Acme deal", "", CodeIDInvalid, "digits only"},
		{"٤١٥٠", "", CodeIDInvalid, "digits only"},
		{"４１５０", "", CodeIDInvalid, "digits only"},
		{"1 2", "", CodeIDInvalid, "digits only"},
		{`="4150868`, "", CodeIDInvalid, "digits only"},
		{`="4.1E+18"`, "", CodeIDRounded, "rounded"},
		{`=""`, "", CodeIDMissing, "empty"},
		{`=4150868`, "", CodeIDInvalid, "digits only"},
		{"1\x00", "", CodeIDInvalid, "digits only"},
		{strings.Repeat("x", 1000), "", CodeIDInvalid, "…"},
	}
}

func TestParseID(t *testing.T) {
	t.Parallel()
	for _, tt := range append(soundIDs(), brokenIDs()...) {
		got, err := ParseID(tt.cell)
		code, says := "", ""
		if err != nil {
			code, says = err.Code, err.Error()
		}
		if got != tt.want || code != tt.code || !strings.Contains(says, tt.says) || len(says) > 600 {
			t.Errorf("ParseID(%q) = %q, %s %q; want %q, %s %q", tt.cell, got, code, says, tt.want, tt.code, tt.says)
		}
	}
}

func TestRounding(t *testing.T) {
	t.Parallel()
	const whole, rounded = "4150868000010000001", "4150868000010000000"
	tests := map[string]struct {
		whole, rounded int
		unusable       bool
	}{
		"nothing":           {0, 0, false},
		"all, but two rows": {0, 2, false},
		"three rows":        {0, 3, true},
		"five percent":      {57, 3, true},
		"under five":        {58, 3, false},
		"by nature":         {9999, 1, false},
		"many":              {950, 50, true},
		"many, under five":  {951, 50, false},
	}
	for name, tt := range tests {
		r := Rounding{File: "x.csv"}
		for range tt.whole {
			r.Observe(ContactID, whole)
		}
		for range tt.rounded {
			r.Observe(ContactID, rounded)
			r.Observe(DealID, "100000000000000") // 15 digits are never rounded
		}
		err := r.Err()
		var problem *FileError
		if errors.As(err, &problem) != tt.unusable {
			t.Errorf("%s: error %v, want one: %v", name, err, tt.unusable)
		}
		if tt.unusable {
			for _, part := range []string{"x.csv: ", "contact_id", "0000", "--accept-rounded-ids"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%s: message %q, want it to say %q", name, err, part)
				}
			}
		}
	}
}

// Columns are judged apart: a sound one does not hide a rounded one.
func TestRoundingByColumn(t *testing.T) {
	t.Parallel()
	var r Rounding
	for range 1000 {
		r.Observe(DealID, "4150868000010000001")
	}
	for range 3 {
		r.Observe("id", "1234567890120000") // of another vocabulary
	}
	if err := r.Err(); err == nil || !strings.Contains(err.Error(), "3 of 3 long ids in the column for id end") {
		t.Errorf("error %v, want the column id", err)
	}
}

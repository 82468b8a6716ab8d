package csvio

import (
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
		{"007", "7", "", ""},
		{"554023000000310003", "554023000000310003", "", ""},
		{"12345678901234567890", "12345678901234567890", "", ""},
		{"000" + soundID, soundID, "", ""},
		{" 'zcrm_0" + soundID, soundID, "", ""},
		{"0000012345678901234567890", "12345678901234567890", "", ""},
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
		{"0", "", CodeIDInvalid, "no record"},
		{"zcrm_0000", "", CodeIDInvalid, "is zero"},
		{"0123456789012345678901", "", CodeIDInvalid, "at most 20"},
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

package csvio

import (
	"math"
	"strconv"
	"strings"
)

// longID is the fewest digits of an id that a spreadsheet or a double can round.
const longID = 16

// form is a way in which programs write a number that they hold as a double (IEEE 754 binary64).
type form struct {
	name string // completes "of the ids are ..."
	// fits reports whether the id, whose nearest double is f, is one that the form gives.
	fits func(id string, f float64) bool
	// chance is the part of all ids of that length, and near f, that fit by nature. Each double has one text in each
	// form, so one id fits in as many as lie between two doubles.
	chance func(id string, f float64) float64
}

// forms returns the forms. An id may fit several.
func forms() []form {
	return []form{
		{
			// Spreadsheets keep 15 significant digits (Microsoft Support, "Last digits are changed to zeros when you
			// type long numbers in cells of Excel"). So do Perl, and PostgreSQL before version 12.
			name:   "15 digits and then zeros, as a spreadsheet writes them",
			fits:   func(id string, _ float64) bool { return strings.Trim(id[longID-1:], "0") == "" },
			chance: func(id string, _ float64) float64 { return math.Pow10(longID - 1 - len(id)) },
		},
		{
			name:   "16 or 17 digits and then zeros, as JavaScript writes them",
			fits:   func(id string, f float64) bool { return id == strconv.FormatFloat(f, 'f', -1, 64) },
			chance: perDouble,
		},
		{
			name:   "17 digits and then zeros, as jq before version 1.7 writes them",
			fits:   fitsSeventeen,
			chance: perDouble,
		},
		{
			name:   "whole numbers that a double holds, as int(float(id)) gives them",
			fits:   func(id string, f float64) bool { return id == strconv.FormatFloat(f, 'f', 0, 64) },
			chance: perDouble,
		},
	}
}

// fitsSeventeen reports whether C's "%.17g" writes the double f with the digits of the id.
func fitsSeventeen(id string, f float64) bool {
	digits, _, _ := strings.Cut(strconv.FormatFloat(f, 'e', 16, 64), "e")
	digits = strings.Replace(digits, ".", "", 1)
	return len(id) >= len(digits) && id == digits+strings.Repeat("0", len(id)-len(digits))
}

// perDouble returns one in as many integers as lie between f and the next double.
func perDouble(_ string, f float64) float64 {
	return 1 / max(1, math.Nextafter(f, math.Inf(1))-f)
}

// double returns the double nearest to an id. It only serves to recognise rounded ids and never becomes an id.
func double(id string) float64 {
	f, _ := strconv.ParseFloat(id, 64) // an id of digits is a number, far below the largest double
	return f
}

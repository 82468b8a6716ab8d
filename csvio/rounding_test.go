package csvio

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// observed returns the findings about ids of one column.
func observed(ids ...string) *Rounding {
	r := &Rounding{File: "x.csv"}
	for i, id := range ids {
		r.Observe(ContactID, id, i+2)
	}
	return r
}

// counted returns n ids of a length that end in the same digits.
func counted(n, length int, ending string) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("4%0*d%s", length-1-len(ending), 7919*(i+3), ending)
	}
	return ids
}

func TestRounding(t *testing.T) {
	t.Parallel()
	whole := counted(20_000, 19, "1")
	tests := map[string]struct {
		ids           []string
		refused, told bool
	}{
		"nothing":                 {nil, false, false},
		"one":                     {counted(1, 19, "0000"), false, true},
		"one of ten":              {append(counted(1, 19, "0000"), whole[:9]...), false, true},
		"one of a thousand":       {append(counted(1, 19, "0000"), whole[:999]...), false, false},
		"two":                     {counted(2, 19, "0000"), true, false},
		"two of sixty":            {append(counted(2, 19, "0000"), whole[:58]...), false, true},
		"three of sixty":          {append(counted(3, 19, "0000"), whole[:57]...), true, false},
		"two of many by nature":   {append(counted(2, 19, "0000"), whole...), false, false},
		"five percent of many":    {append(counted(1000, 19, "0000"), whole[:19_000]...), true, false},
		"15 digits":               {counted(60, 15, "0000"), false, false},
		"16 digits, few":          {counted(3, 16, "0"), false, true},
		"16 digits, many":         {counted(60, 16, "0"), true, false},
		"17 digits, few":          {counted(2, 17, "00"), false, true},
		"17 digits that end in 0": {counted(5, 17, "0"), false, true},
		"20 digits":               {counted(60, 20, "00000"), true, false},
	}
	for name, tt := range tests {
		r := observed(tt.ids...)
		if err := r.Err(); (err != nil) != tt.refused || (r.Doubt() != "") != tt.told {
			t.Errorf("%s: refused %v, told %q; odds %g", name, err, r.Doubt(), r.worst().odds)
		}
	}
}

// Repeats of an id do not count: a file may have one deal in every row.
func TestRoundingCountsDifferentIDs(t *testing.T) {
	t.Parallel()
	var r Rounding
	for i := range 1000 {
		r.Observe(DealID, "4150868000010003968", i+2) // a multiple of 512
	}
	if err := r.Err(); err != nil {
		t.Error(err)
	}
	for _, part := range []string{
		"in the column deal_id, 1 of 1 different long ids are whole numbers that a double holds",
		"(line 2, line 3, line 4, ...)",
	} {
		if got := r.Doubt(); !strings.Contains(got, part) {
			t.Errorf("told %q, want %q", got, part)
		}
	}
}

// One rounded column is enough for an error, and so are two that are each in doubt.
func TestRoundingOfColumns(t *testing.T) {
	t.Parallel()
	r := observed(counted(1000, 19, "1")...)
	for i, id := range counted(3, 19, "0000") {
		r.Observe("id", id, i+2)
	}
	err := r.Err()
	if err == nil {
		t.Fatal("a rounded column passes beside a sound one")
	}
	for _, part := range []string{
		"x.csv: ", "column id, 3 of 3", "(line 2, line 3, line 4)", "as text", "--accept-rounded-ids",
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the message is %q, want it to say %q", err, part)
		}
	}
	var both Rounding
	both.Observe(DealID, "4150868000010010000", 2)
	both.Observe(ContactID, "4150868000020010000", 2)
	if err := both.Err(); err == nil || !strings.Contains(err.Error(), "columns deal_id and contact_id, 2 of 2") {
		t.Errorf("error %v, want both columns together", err)
	} else if !strings.Contains(err.Error(), "(line 2)") {
		t.Errorf("the message is %v, want its line once", err)
	}
}

// The memory for a column is bounded, and the sample shows the same as the whole.
func TestRoundingSamples(t *testing.T) {
	t.Parallel()
	var sound, rounded Rounding
	for i := range 200_000 {
		id := strconv.Itoa(4150868000010000001 + 7*i)
		sound.Observe(DealID, id, i+2)
		if i%50 == 0 {
			id = throughDouble(id, 'f', -1)
		}
		rounded.Observe(DealID, id, i+2)
	}
	if n := len(sound.columns[0].seen); n > sampledIDs || n < sampledIDs/4 {
		t.Errorf("%d ids are in memory", n)
	}
	if sound.Err() != nil || rounded.Err() == nil {
		t.Errorf("true ids: %v; rounded ids: %v", sound.Err(), rounded.Err())
	}
}

// throughDouble returns what a program writes that held the id as a double: C's %.17g with format e and precision 16,
// JavaScript with f and -1, int(float(id)) with f and 0.
func throughDouble(id string, format byte, precision int) string {
	f, err := strconv.ParseFloat(id, 64)
	if err != nil {
		panic(err)
	}
	exact, _, err := big.ParseFloat(strconv.FormatFloat(f, format, precision, 64), 10, 200, big.ToNearestEven)
	if err != nil {
		panic(err)
	}
	return exact.Text('f', 0)
}

// Ids that a program held as doubles are refused, in each form in which programs write doubles. The original ids are
// not.
func TestRoundingProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		length := rapid.IntRange(17, 19).Draw(t, "length")
		low := uint64(math.Pow10(length - 1))
		ids := rapid.SliceOfNDistinct(rapid.Uint64Range(low, 9*low), 60, 90, rapid.ID[uint64]).Draw(t, "ids")
		form := rapid.SampledFrom([]struct {
			format    byte
			precision int
		}{{'f', 0}, {'f', -1}, {'e', 16}, {'e', 14}}).Draw(t, "form")
		var whole, rounded []string
		for _, id := range ids {
			text := strconv.FormatUint(id, 10)
			whole = append(whole, text)
			rounded = append(rounded, throughDouble(text, form.format, form.precision))
		}
		if err := observed(rounded...).Err(); err == nil {
			t.Errorf("rounded ids pass: %v", rounded)
		}
		half := append(append([]string{}, rounded[:30]...), whole[30:]...)
		few := len(slices.Compact(slices.Sorted(slices.Values(rounded[:30])))) < 20 // ids side by side round to one
		if err := observed(half...).Err(); err == nil && length > 17 && !few {
			t.Errorf("30 of %d rounded ids pass: %v", len(half), half)
		}
	})
}

// Zoho counts ids up, within blocks of a thousand and across blocks. Such ids are accepted, whatever the step is.
func TestRoundingLeavesTrueIDs(t *testing.T) {
	t.Parallel()
	for _, step := range []int{1, 2, 7, 1000, 1001, 2000, 13_000} {
		for _, length := range []int{16, 17, 18, 19} {
			var r Rounding
			first := 4*int(math.Pow10(length-1)) + 150_868_376_001
			for i := range 3000 {
				r.Observe(DealID, strconv.Itoa(first+i*step), i+2)
			}
			if err := r.Err(); err != nil {
				t.Errorf("%d digits, counted by %d: %v", length, step, err)
			}
		}
	}
}

// The files of cases/reports, section 1.
func TestRoundedFiles(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"01-javascript-ids.csv":    "refused",
		"01-python-float.csv":      "refused",
		"01-excel-two-rows.csv":    "refused",
		"01-excel-few-of-many.csv": "told",
		"01-true-ids.csv":          "taken",
	} {
		f, err := os.Open("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		if err != nil || f.Close() != nil {
			t.Fatal(err)
		}
		var r Rounding
		for i, row := range rows[1:] {
			r.Observe(DealID, row[0], i+2)
			r.Observe(ContactID, row[1], i+2)
		}
		got := "taken"
		if r.Err() != nil {
			got = "refused"
		} else if r.Doubt() != "" {
			got = "told"
		}
		if got != want {
			t.Errorf("%s is %s, want %s: %v %s", name, got, want, r.Err(), r.Doubt())
		}
	}
}

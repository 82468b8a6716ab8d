package csvio

import (
	"fmt"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestWhatARoundedCellMayStandFor(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]struct {
		Rounded
		is bool
	}{
		"4.15087E+18":              {Rounded{"4150860000000000000", "4150880000000000000"}, true},
		"+4,15087e18":              {Rounded{"4150860000000000000", "4150880000000000000"}, true},
		"zcrm_4.15087E+18":         {Rounded{"4150860000000000000", "4150880000000000000"}, true},
		"1E+18":                    {Rounded{"1000000000000000000", "2000000000000000000"}, true}, // 19 digits, not 18
		"9.99E+17":                 {Rounded{"998000000000000000", "999999999999999999"}, true},
		"4150868000020010000":      {Rounded{"4150868000020000000", "4150868000020020000"}, true}, // by a spreadsheet
		"4150868000010003968":      {Rounded{"4150868000009990000", "4150868000010010000"}, true}, // int(float(id))
		"zcrm_4150868000010003968": {Rounded{"4150868000009990000", "4150868000010010000"}, true},
		"4.150868000010003968E+18": {Rounded{"4150868000009990000", "4150868000010010000"}, true}, // of a workbook
		"99999999999999900000":     {Rounded{"99999999999999800000", "99999999999999999999"}, true},
		"4150868000010003967":      {},
		"4150868000010003":         {}, // a double holds each id of 16 digits up to 2^53
		"415086800001000":          {},
		"-4.15E+18":                {Rounded{}, true},
		"4.15E+1":                  {Rounded{}, true},
		"4.1508E+2":                {Rounded{}, true},
		"4.15E+99999999999999":     {Rounded{}, true},
		"0E+18":                    {Rounded{}, true},
		"":                         {},
		"x":                        {},
	} {
		if got, is := RoundedID(cell); got != want.Rounded || is != want.is {
			t.Errorf("%q: %v %v, want %v %v", cell, got, is, want.Rounded, want.is)
		}
	}
}

// However a program rounds an id, the id is among those that the cell may stand for.
func TestARoundedCellMayStandForItsID(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.Uint64Range(1e15, 18e18).Draw(rt, "id")
		id := strconv.FormatUint(n, 10)
		f := float64(n)
		digits := rapid.IntRange(0, 16).Draw(rt, "digits")
		for _, cell := range []string{
			strconv.FormatFloat(f, 'E', digits, 64), fmt.Sprintf("%.17g", f), strconv.FormatFloat(f, 'f', -1, 64),
			strconv.FormatFloat(f, 'f', 0, 64), id[:certainDigits] + "00000"[:len(id)-certainDigits],
		} {
			ids, is := RoundedID(cell)
			if whole, err := ParseID(cell); !is && whole == id || err == nil && len(whole) != len(id) ||
				ids != (Rounded{}) && len(ids.Low) != len(id) {
				continue // nothing was lost, or it was rounded up to one more digit
			}
			if !is || !ids.Has(id) {
				rt.Fatalf("%s as %s: %v %v", id, cell, ids, is)
			}
		}
	})
}

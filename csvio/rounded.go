package csvio

import (
	"math/big"
	"strconv"
	"strings"
)

// certainDigits is how many digits of a rounded id are certain at most: a spreadsheet keeps so many, and a double gives
// so many back (IEEE 754 binary64, DBL_DIG).
const certainDigits = longID - 1

// Rounded is the ids that a rounded cell may stand for: those from Low to High, which have as many digits. The zero
// value stands for none.
type Rounded struct{ Low, High string }

// RoundedID returns the ids that a cell may stand for, and whether the cell looks rounded: a number with an exponent,
// or a long id in one of the forms in which programs write a double. An id that a double holds in all its digits does
// not look rounded. The cell's certain digits may be one off at the last, because programs round in different ways.
func RoundedID(cell string) (ids Rounded, is bool) {
	id, err := ParseID(cell)
	switch {
	case err == nil && looksRounded(id):
		return around(id[:certainDigits], len(id)-certainDigits), true
	case err == nil || err.Code != CodeIDRounded:
		return Rounded{}, false
	}
	mantissa, exponent, _ := strings.Cut(strings.ToUpper(trimID(cell)), "E")
	whole, fraction, _ := strings.Cut(strings.ReplaceAll(mantissa, ",", "."), ".")
	zeros, e := strconv.Atoi(exponent)
	digits := strings.TrimLeft(strings.TrimPrefix(whole, "+")+fraction, "0")
	if e != nil || !isDigits(digits) || zeros > maxIDDigits {
		return Rounded{}, true // negative, zero or huge: no id
	}
	zeros -= len(fraction)
	if more := len(digits) - certainDigits; more > 0 {
		digits, zeros = digits[:certainDigits], zeros+more
	}
	return around(digits, zeros), true
}

// Has reports whether the cell may stand for an id.
func (r Rounded) Has(id string) bool {
	return len(id) == len(r.Low) && r.Low <= id && id <= r.High
}

// around returns the ids that are at most one unit of the last digit away from digits with zeros after them.
func around(digits string, zeros int) Rounded {
	if n := len(digits) + zeros; zeros < 0 || n < leastIDDigits || n > maxIDDigits {
		return Rounded{}
	}
	ten := big.NewInt(10)
	unit := new(big.Int).Exp(ten, big.NewInt(int64(zeros)), nil)
	least := new(big.Int).Exp(ten, big.NewInt(int64(len(digits)+zeros-1)), nil)
	most := new(big.Int).Mul(least, ten)
	most.Sub(most, big.NewInt(1))
	middle, _ := new(big.Int).SetString(digits, 10) // digits are digits
	middle.Mul(middle, unit)
	low, high := new(big.Int).Sub(middle, unit), new(big.Int).Add(middle, unit)
	if low.Cmp(least) < 0 {
		low = least
	}
	if high.Cmp(most) > 0 {
		high = most
	}
	return Rounded{low.String(), high.String()}
}

// looksRounded reports whether an id has a form that other ids near it would have got too.
func looksRounded(id string) bool {
	if len(id) < longID {
		return false
	}
	d := double(id)
	for _, f := range forms() {
		if f.fits(id, d) && f.chance(id, d) < 1 {
			return true
		}
	}
	return false
}

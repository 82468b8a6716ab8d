package csvio

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The odds say in which part of all files chance makes as many ids look rounded. Below refusedOdds a file is refused.
// Below doubtOdds its user gets a warning.
const (
	refusedOdds = 1e-6
	doubtOdds   = 1e-2
)

// sampledIDs is the most ids that are kept of a column, to bound memory. If a column has more different ids, Rounding
// keeps every second of them, then every fourth, and so on.
const sampledIDs = 1 << 14

// shownLines is how many lines with rounded ids a message names.
const shownLines = 3

// Rounding finds the ids that a program held as a double, or a spreadsheet as a number. Such ids lost their last digits
// and name other records. One of them can be a true id by chance, so Rounding judges the different ids of a column, and
// of all columns together. The zero value is ready.
type Rounding struct {
	File string // the file's name in messages

	columns []*longIDs // in the order in which they were first observed
}

// longIDs holds the different ids of a column that are long enough to lose digits, or an even sample of them.
type longIDs struct {
	name string
	seen map[string]*lines
	skip uint // how many of the hash's last bits are 0 in each sampled id
}

// lines is where an id stands.
type lines struct {
	rows  int
	first [shownLines]int
}

// Observe takes one id, as ParseID returns it, of the column for a field, and its line.
func (r *Rounding) Observe(column Field, id string, line int) {
	if len(id) < longID {
		return
	}
	i := slices.IndexFunc(r.columns, func(c *longIDs) bool { return c.name == string(column) })
	if i < 0 {
		i = len(r.columns)
		r.columns = append(r.columns, &longIDs{name: string(column), seen: map[string]*lines{}})
	}
	r.columns[i].add(id, line)
}

func (c *longIDs) add(id string, line int) {
	if !c.sampled(id) {
		return
	}
	at := c.seen[id]
	if at == nil {
		at = &lines{}
		c.seen[strings.Clone(id)] = at
	}
	if at.rows < shownLines {
		at.first[at.rows] = line
	}
	at.rows++
	for len(c.seen) > sampledIDs {
		c.skip++
		for id := range c.seen {
			if !c.sampled(id) {
				delete(c.seen, id)
			}
		}
	}
}

// sampled reports whether the id belongs to the sample. A hash decides, so that the choice does not depend on the form
// of the digits.
func (c *longIDs) sampled(id string) bool {
	if c.skip == 0 {
		return true
	}
	sum := sha256.Sum256([]byte(id))
	return binary.BigEndian.Uint64(sum[:])&(1<<c.skip-1) == 0
}

// finding counts the ids of one or several columns that have one form.
type finding struct {
	columns []string
	form    string
	odds    float64
	ids     int   // different ids that were looked at
	fit     int   // of them, those that have the form
	rows    int   // the rows of those
	first   []int // the first lines of those
}

// worst returns the finding that chance explains least. Its odds are 1 if there are no long ids.
func (r *Rounding) worst() finding {
	worst := finding{odds: 1}
	for _, form := range forms() {
		all := finding{form: form.name}
		var chances float64
		for _, c := range r.columns {
			one := finding{form: form.name}
			sum := one.look(c, form)
			one.judge(sum)
			if one.odds < worst.odds {
				worst = one
			}
			chances += all.look(c, form)
		}
		if all.judge(chances); all.odds < worst.odds {
			worst = all
		}
	}
	return worst
}

// look counts the ids of a column. It returns the sum of their chances.
func (f *finding) look(c *longIDs, form form) (chances float64) {
	f.columns = append(f.columns, c.name)
	for id, at := range c.seen {
		d := double(id)
		f.ids++
		chances += form.chance(id, d)
		if form.fits(id, d) {
			f.fit++
			f.rows += at.rows
			f.first = append(f.first, at.first[:min(at.rows, shownLines)]...)
		}
	}
	return chances
}

// judge sets the odds that chance makes at least as many ids fit. chances is the sum of the ids' chances. Two bounds
// hold also if the chances differ, and judge takes the lower one: Hoeffding's ("Probability inequalities for sums of
// bounded random variables", 1963, theorem 1), and the sum over all choices of as many ids. The second is better for
// few ids.
func (f *finding) judge(chances float64) {
	f.odds = 1
	if f.ids == 0 {
		return
	}
	n, part, chance := float64(f.ids), float64(f.fit)/float64(f.ids), chances/float64(f.ids)
	if part <= chance {
		return
	}
	exponent := part * math.Log(part/chance)
	if part < 1 {
		exponent += (1 - part) * math.Log((1-part)/(1-chance))
	}
	factorial, _ := math.Lgamma(float64(f.fit) + 1)
	choices := float64(f.fit)*math.Log(chances) - factorial
	f.odds = math.Exp(min(-n*exponent, choices))
}

// Err returns a *FileError if chance does not explain how many ids look rounded, else nil.
func (r *Rounding) Err() error {
	f := r.worst()
	if f.odds >= refusedOdds {
		return nil
	}
	return &FileError{
		File: r.File,
		Problem: "a program or a spreadsheet has rounded the ids: " + f.String() +
			"; chance does this in fewer than one of a million files",
		Hint: hintExport + ", and a program must keep ids as text, not as numbers; " +
			"if the ids are right as they are, add --accept-rounded-ids",
	}
}

// Judge returns Err. If Err is nil and some ids are in doubt, Judge passes Doubt to warn.
func (r *Rounding) Judge(warn func(text string)) error {
	if err := r.Err(); err != nil {
		return err
	}
	if text := r.Doubt(); text != "" {
		warn(text)
	}
	return nil
}

// Doubt returns a warning about ids that look rounded but may be right, or "".
func (r *Rounding) Doubt() string {
	f := r.worst()
	if f.odds >= doubtOdds || f.odds < refusedOdds {
		return ""
	}
	return fmt.Sprintf("some ids may be rounded: %s; chance does this in one of about %.0f files; "+
		"compare these rows with Zoho", f, 1/f.odds)
}

// String returns the columns, how many of their ids have the form, and the first lines of those.
func (f finding) String() string {
	columns := "column " + f.columns[0]
	if n := len(f.columns); n > 1 {
		columns = "columns " + strings.Join(f.columns[:n-1], ", ") + " and " + f.columns[n-1]
	}
	slices.Sort(f.first)
	lines := slices.Compact(slices.Clone(f.first)) // a row may have two such ids
	var shown []string
	for _, line := range lines[:min(shownLines, len(lines))] {
		shown = append(shown, "line "+strconv.Itoa(line))
	}
	where := strings.Join(shown, ", ")
	if len(lines) > shownLines || f.rows > len(f.first) {
		where += ", ..."
	}
	return fmt.Sprintf("in the %s, %d of %d different long ids are %s (%s)", columns, f.fit, f.ids, f.form, where)
}

// longID is the fewest digits of an id that a spreadsheet or a double can round.
const longID = 16

// form is a way in which programs write a number that they hold as a double (IEEE 754 binary64).
type form struct {
	name string // completes "of the ids are ..."
	// fits reports whether the id, whose nearest double is f, is one that the form gives.
	fits func(id string, f float64) bool
	// chance returns the part of the true ids of that length near f that fit. Each double has one text in each form, so
	// of the ids between two doubles one fits.
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

// perDouble returns the chance of one among the integers between f and the next double.
func perDouble(_ string, f float64) float64 {
	return 1 / max(1, math.Nextafter(f, math.Inf(1))-f)
}

// double returns the double nearest to an id. It only serves to recognise rounded ids and never becomes an id.
func double(id string) float64 {
	f, _ := strconv.ParseFloat(id, 64) // an id of digits is a number, far below the largest double
	return f
}

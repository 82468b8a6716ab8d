package csvio

import (
	"fmt"
	"regexp"
	"strings"

	"rolecall/csvio/alike"
)

// leastIDDigits is the fewest digits of an id of Zoho CRM. The ids in Zoho's documents have 15 to 19 digits (Zoho CRM
// API v2 to v8, samples of Get Records). 12 leaves room for the oldest orgs.
const leastIDDigits = 12

// leastPieceDigits is the fewest digits of each of several ids in a cell. It is more than the digits between two
// separators of thousands.
const leastPieceDigits = 4

// The shapes of ids of other systems.
var (
	// Salesforce: 15 letters and digits, or 18 with a checksum. Ids of standard objects begin with 00 (Salesforce
	// Object Reference, "ID Field Type"; Salesforce Help, "Standard Field Record ID Prefix Decoder": 006 opportunity,
	// 003 contact).
	shapeSalesforce = regexp.MustCompile(`^00[0-9A-Za-z]{13}([0-9A-Za-z]{3})?$`)
	// Dataverse: a GUID (Microsoft Learn, Dataverse, "Unique identifier columns").
	shapeGUID = regexp.MustCompile(`(?i)^\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$`)
	// The separators that people and programs put between several values of a cell.
	severalBy = regexp.MustCompile(`[;|\n\t]|,\s*|/|\s+`)
)

// Several returns the character between the values of a cell that holds several ids or e-mail addresses, or "".
func Several(cell string) string {
	text := alike.Trim(cell)
	between := severalBy.FindAllString(text, -1)
	if between == nil {
		return ""
	}
	values, addresses := 0, strings.Count(text, "@") > 1 // also with names between them: Ada <a@x>, Bo <b@x>
	for _, piece := range severalBy.Split(text, -1) {
		piece = trimID(piece)
		digits := isDigits(piece) && len(piece) >= leastPieceDigits
		switch {
		case piece == "": // two separators, such as ", "
		case digits, isSalesforce(piece), shapeGUID.MatchString(piece), isAddress(piece):
			values++
		case !addresses:
			return ""
		}
	}
	if values < 2 && !addresses {
		return ""
	}
	for _, one := range between {
		if one = strings.TrimSpace(one); one != "" {
			return one
		}
	}
	return map[byte]string{'\n': "a line break", '\t': "a tab"}[between[0][0]] + strings.Trim(between[0], "\n\t")
}

// isAddress reports whether a text looks like an e-mail address. It is good enough to recognise several of them.
func isAddress(text string) bool {
	name, host, ok := strings.Cut(text, "@")
	return ok && name != "" && host != "" && !strings.Contains(host, "@")
}

// isSalesforce reports whether an id has the shape of Salesforce's. One without any letter is none.
func isSalesforce(id string) bool { return shapeSalesforce.MatchString(id) && !isDigits(id) }

// otherSystem returns the system that has ids of such a shape, or "".
func otherSystem(id string) string {
	switch {
	case isSalesforce(id):
		return "Salesforce"
	case shapeGUID.MatchString(id):
		return "Microsoft Dynamics"
	}
	return ""
}

// Origin finds ids that are not Zoho's, in the columns of a table. The zero value is ready.
type Origin struct {
	File    string // the file's name in messages
	Command string // as in Options
	Like    string // Reader.Like

	columns map[Field]*idCount
}

// idCount counts the ids of a column.
type idCount struct {
	ids, short int
	other      map[string]int // ids of other systems, by the name of the system
	first      string         // an id that cannot be Zoho's
	line       int            // of first
}

// Parse reads an id as ParseID does. An id that is too short to be Zoho's is an error too.
func (o *Origin) Parse(f Field, cell string, line int) (string, *IDError) {
	id, err := ParseID(cell)
	if err != nil && err.Code == CodeIDMissing {
		return "", err
	}
	if o.columns == nil {
		o.columns = map[Field]*idCount{}
	}
	c := o.columns[f]
	if c == nil {
		c = &idCount{other: map[string]int{}}
		o.columns[f] = c
	}
	c.ids++
	system, short := "", err == nil && len(id) < leastIDDigits
	switch {
	case err != nil:
		system = otherSystem(trimID(cell))
	case o.isLike(cell, id):
		system, err = o.Like, &IDError{CodeIDInvalid, shown(cell) + " is an id of " + o.Like + ", not of Zoho"}
		id = ""
	}
	if c.first == "" && (short || system != "") {
		c.first, c.line = shown(strings.Clone(cell)), line
	}
	switch {
	case system != "":
		c.other[system]++
	case short:
		c.short++
		return "", &IDError{CodeIDInvalid, fmt.Sprintf("%s has %d digits, and no id of Zoho's has fewer than %d: "+
			"it is another system's, or cut off", shown(cell), len(id), leastIDDigits)}
	}
	return id, err
}

// isLike reports whether an id is one of the system that the table may be of.
func (o *Origin) isLike(cell, id string) bool {
	if o.Like == "" || strings.Contains(strings.ToLower(cell), idPrefix) {
		return false
	}
	for _, s := range systems() {
		if s.name == o.Like {
			return len(id) <= s.digits
		}
	}
	return false
}

// Judge returns an error if no id of a column can be Zoho's. Nothing of such a file may be sent.
func (o *Origin) Judge() error {
	for _, f := range []Field{DealID, ContactID} {
		c := o.columns[f]
		if c == nil {
			continue
		}
		if e := c.judge(f, o.Command); e != nil {
			e.File, e.Line = o.File, c.line
			return e
		}
	}
	return nil
}

func (c *idCount) judge(f Field, command string) *FileError {
	for _, s := range systems() {
		if n := c.other[s.name]; n > 0 && n == c.ids {
			e := s.error(command)
			e.Problem += fmt.Sprintf(" in the column of %s, such as %s", f, c.first)
			return e
		}
	}
	if c.short == 0 || c.short < c.ids {
		return nil
	}
	return &FileError{
		Problem: fmt.Sprintf("no id in the column of %s is Zoho's: each has fewer than %d digits, such as %s",
			f, leastIDDigits, c.first),
		Hint: "name the column of Zoho's ids by --map (Record Id in its exports); if another system made these ids, " +
			externalIDs(command),
	}
}

package csvio

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// Format is a file format of tables.
type Format string

// The formats that rolecall reads and writes.
const (
	FormatCSV   Format = "csv"   // RFC 4180: UTF-8, comma, LF
	FormatJSONL Format = "jsonl" // JSON Lines: one object a line
	FormatXLSX  Format = "xlsx"  // ISO/IEC 29500: the workbook of Excel 2007 and later
)

// ParseFormat returns the format of that name. Case does not count.
func ParseFormat(name string) (Format, error) {
	switch f := Format(strings.ToLower(strings.TrimSpace(name))); f {
	case FormatCSV, FormatJSONL, FormatXLSX:
		return f, nil
	}
	return "", fmt.Errorf("%s is not a format of a table: give %s, %s or %s",
		shown(name), FormatCSV, FormatJSONL, FormatXLSX)
}

// FormatOf returns the format that the ending of a file's name stands for, and whether the ending is known.
func FormatOf(fileName string) (Format, bool) {
	switch strings.ToLower(filepath.Ext(fileName)) {
	case ".csv":
		return FormatCSV, true
	case ".jsonl", ".ndjson":
		return FormatJSONL, true
	case ".xlsx":
		return FormatXLSX, true
	}
	return "", false
}

// Dialect is how a table is written, as NewReader found it.
type Dialect struct {
	Format         Format
	Encoding       string // charset, by its WHATWG name if it has one; not for workbooks
	Compressed     bool   // gzip
	Delimiter      rune   // csv
	DelimiterFound string // how the delimiter is known, for people
	Sheet          string // xlsx: the sheet that is read
	Sheets         int    // xlsx: how many sheets there are
	Objects        bool   // jsonl: the objects do not stand one on a line; they are elements of an array, or longer
	HeaderLine     int    // the line of the header; 0: the first line with any text
	Ignored        string // which options do not apply to such a table, for people
}

// String describes the dialect for a log.
func (d Dialect) String() string {
	packed := ""
	if d.Compressed {
		packed = ", gzip"
	}
	switch d.Format {
	case FormatXLSX:
		of := ""
		if d.Sheets > 1 {
			of = fmt.Sprintf(", one of %d", d.Sheets)
		}
		return fmt.Sprintf("workbook (XLSX), sheet %s%s%s%s", shown(d.Sheet), of, d.header(), d.Ignored)
	case FormatJSONL:
		if d.Objects {
			return fmt.Sprintf("%s%s, JSON%s", d.Encoding, packed, d.Ignored)
		}
		return fmt.Sprintf("%s%s, JSON Lines%s", d.Encoding, packed, d.Ignored)
	}
	return fmt.Sprintf("%s%s, delimiter %s (%s)%s%s",
		d.Encoding, packed, delimiterName(d.Delimiter), d.DelimiterFound, d.header(), d.Ignored)
}

// header describes where the header is, if it is not the first line.
func (d Dialect) header() string {
	if d.HeaderLine == 0 {
		return ""
	}
	return fmt.Sprintf(", header in line %d", d.HeaderLine)
}

// where returns where the columns of the header are, for a message.
func (d Dialect) where() string {
	switch d.Format {
	case FormatXLSX:
		return "in the sheet " + shown(d.Sheet)
	case FormatJSONL:
		return "as keys of the first object"
	}
	return "under the delimiter " + delimiterName(d.Delimiter)
}

func delimiterName(r rune) string {
	if r == '\t' {
		return "tab"
	}
	return fmt.Sprintf("%q", string(r))
}

// The sample in which the delimiter is found: enough text for any real header, and enough records to settle a tie.
const (
	sampleBytes   = 256 << 10
	sampleRecords = 100
)

// candidate is one delimiter and what the file looks like under it.
type candidate struct {
	delimiter rune
	met       int     // needs that the header meets
	width     int     // columns of the header
	constancy float64 // share of the sampled records that are as wide as the header
}

func usualDelimiters() []rune { return []rune{',', ';', '\t', '|'} }

// findDelimiter chooses the usual delimiter under which the header meets most needs. A tie goes to the delimiter
// under which more of the first records are as wide as the header, then to the wider header.
func findDelimiter(s *splitter, o Options) (delimiter rune, why string) {
	best := candidate{met: -1}
	ties := 0
	for _, delimiter := range usualDelimiters() {
		c := sample(s.over(delimiter), delimiter, o)
		switch {
		case c.met > best.met:
			best, ties = c, 0
		case c.met == best.met:
			ties++
			if c.better(best) {
				best = c
			}
		}
	}
	switch {
	case best.met < len(o.Needs):
		return best.delimiter, "the best guess"
	case len(o.Needs) > 0 && ties == 0:
		return best.delimiter, "the needed columns are found under it"
	case best.width <= 1:
		return best.delimiter, "there is one column"
	}
	return best.delimiter, "the rows are most regular under it"
}

// better settles a tie. Any wrong delimiter gives one column, so more columns win.
func (c candidate) better(than candidate) bool {
	switch {
	case (c.width > 1) != (than.width > 1):
		return c.width > 1
	case c.constancy != than.constancy:
		return c.constancy > than.constancy
	}
	return c.width > than.width
}

// sample reads the header and the first records under one delimiter. It stops at a record that cannot be read.
func sample(s *splitter, delimiter rune, o Options) candidate {
	c := candidate{delimiter: delimiter}
	first, err := s.next()
	if err != nil || first.stray != "" {
		return c
	}
	header := cleanHeader(looseCells(first.text(), delimiter))
	cols, _ := matchHeader(header, o.Vocabulary, o.Map)
	c.met, c.width = cols.countMet(o.Needs), len(header)
	same, all := 0, 0
	for all < sampleRecords {
		rec, err := s.next()
		if err != nil {
			break
		}
		all++
		if len(looseCells(rec.text(), delimiter)) == c.width {
			same++
		}
	}
	if all > 0 {
		c.constancy = float64(same) / float64(all)
	}
	return c
}

// takeSepLine skips a first line "sep=;", by which Excel names the delimiter. It returns that delimiter, or 0 if
// there is no such line.
func takeSepLine(s *splitter) rune {
	for len(s.window()) > 0 && (s.window()[0] == '\n' || s.window()[0] == '\r') {
		s.consume(0, 0)
	}
	end, err := s.breakAfter(0)
	if err != nil {
		return 0
	}
	r := sepLine(string(s.window()[:end]))
	if r != 0 {
		s.consume(end, 0)
	}
	return r
}

// sepLine returns the delimiter that a line "sep=;" names, or 0 for any other line. Programs that read the line as a
// row add empty cells to it ("sep=;;;"), with the delimiter of the table.
func sepLine(line string) rune {
	line = strings.ReplaceAll(line, `"`, "")
	if len(line) < len("sep=") || !strings.EqualFold(line[:4], "sep=") {
		return 0
	}
	line = strings.TrimRight(line[4:], " ")
	named, _ := utf8.DecodeRuneInString(line)
	last, _ := utf8.DecodeLastRuneInString(line)
	if !validDelimiter(last) || strings.Trim(strings.TrimPrefix(line, string(named)), string(last)) != "" {
		return 0
	}
	return last
}

// validDelimiter reports whether encoding/csv accepts the delimiter.
func validDelimiter(r rune) bool {
	return r != 0 && r != '"' && r != '\r' && r != '\n' && utf8.ValidRune(r) && r != utf8.RuneError
}

// setDelimiter sets the delimiter and leaves the splitter at the header.
func setDelimiter(s *splitter, o Options, d *Dialect) error {
	if o.Delimiter != 0 && !validDelimiter(o.Delimiter) {
		return &FileError{
			Problem: fmt.Sprintf("--delimiter %q cannot separate cells", string(o.Delimiter)),
			Hint:    "give one character that is no quote and no line break, for example --delimiter ';'",
		}
	}
	named := takeSepLine(s)
	delimiters := usualDelimiters()
	if given := cmp.Or(o.Delimiter, named); given != 0 {
		delimiters = []rune{given}
	}
	var err error
	if d.HeaderLine, err = toHeader(s, o, delimiters); err != nil {
		return err
	}
	switch {
	case o.Delimiter != 0:
		d.Delimiter, d.DelimiterFound = o.Delimiter, "given by --delimiter"
	case named != 0:
		d.Delimiter, d.DelimiterFound = named, "named by the file's sep= line"
	default:
		d.Delimiter, d.DelimiterFound = findDelimiter(s, o)
	}
	s.delimiter = []byte(string(d.Delimiter))
	return nil
}

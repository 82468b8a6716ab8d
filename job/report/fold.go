package report

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// label is the beginning of a line up to its text, such as "  price    " or "    3 × " or "      -> ".
var label = regexp.MustCompile(`^ *(?:-> |\* |[\d,]+ × |[^ ]+(?: [^ ]+)? {2,})?`)

// OnWith begins the line with the command that continues the run. Fold does not break this line, because people copy
// it.
const OnWith = "go on with: "

// Fold breaks a line between words, so that it fits into columns. It indents the lines after the first as far as the
// text of the first. With 0 columns it does not break the line.
func Fold(line string, columns int) string {
	if columns <= 0 || shown(line) <= columns || strings.Contains(line, OnWith) {
		return line
	}
	begin := label.FindString(line)
	indent := shown(begin)
	if indent > columns/2 {
		indent = 4
	}
	text, end := strings.CutSuffix(line[len(begin):], "\n")
	words := strings.Split(text, " ")
	var out strings.Builder
	out.WriteString(begin)
	at, fresh := shown(begin), true // fresh: no word is on the line yet
	for _, word := range words {
		if !fresh && at+1+shown(word) > columns {
			out.WriteString("\n" + strings.Repeat(" ", indent))
			at, fresh = indent, true
		}
		if !fresh {
			out.WriteByte(' ')
			at++
		}
		out.WriteString(word)
		at += shown(word)
		fresh = fresh && word == ""
	}
	if end {
		out.WriteByte('\n')
	}
	return out.String()
}

// Wrap returns a text in lines of at most so many columns, broken between words.
func Wrap(text string, columns int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && shown(line)+1+shown(word) > columns {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// Inks are the control sequences of the colours of a writer. They are empty if the writer shows no colours.
type Inks struct{ Good, Bad, Strong, Off string }

// InksOf returns the inks of a writer. A writer that shows colours has a method Colours that returns true.
func InksOf(w io.Writer) Inks {
	if c, ok := w.(interface{ Colours() bool }); ok && c.Colours() {
		return Inks{Good: "\x1b[32m", Bad: "\x1b[31m", Strong: "\x1b[1m", Off: "\x1b[0m"} // ECMA-48, SGR
	}
	return Inks{}
}

// page collects a text, so that a terminal gets each line whole.
type page struct {
	bytes.Buffer
	to io.Writer
}

// Colours reports whether the page ends up on a terminal that shows colours.
func (p *page) Colours() bool { return InksOf(p.to) != Inks{} }

// flush writes the text.
func (p *page) flush() error {
	_, err := p.WriteTo(p.to)
	return err
}

// colour is a control sequence that sets a colour.
var colour = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// shown returns how many columns a text takes on a terminal. A wide character, such as one of Chinese, takes two
// (Unicode Standard Annex #11, East Asian Width), and a mark above or below another character takes none.
func shown(text string) (columns int) {
	for _, r := range strings.TrimSuffix(colour.ReplaceAllString(text, ""), "\n") {
		switch kind := width.LookupRune(r).Kind(); {
		case unicode.In(r, unicode.Mn, unicode.Me):
		case kind == width.EastAsianWide, kind == width.EastAsianFullwidth:
			columns += 2
		default:
			columns++
		}
	}
	return columns
}

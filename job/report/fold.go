package report

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// label is the beginning of a line up to its text, such as "  price    " or "    3 × " or "      -> ".
var label = regexp.MustCompile(`^ *(?:-> |\* |[\d,]+ × |[^ ]+(?: [^ ]+)? {2,})?`)

// OnWith begins the line with the command that goes on. Fold leaves the line as it is: people copy it.
const OnWith = "go on with: "

// Fold breaks a line between words, so that it fits into so many columns. The lines after the first are indented as far
// as the text of the first. 0 columns: it does not break.
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
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > columns {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// colour is a control sequence that sets a colour.
var colour = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// shown returns how many columns a text takes on a terminal.
func shown(text string) int {
	return utf8.RuneCountInString(strings.TrimSuffix(colour.ReplaceAllString(text, ""), "\n"))
}

package manual

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// item is the beginning of a paragraph: white space, and the mark of an item of a list if it is one.
var item = regexp.MustCompile(`^ {0,3}(?:\* |- |\d+\. +)?`)

// Fit breaks the lines of a page anew, between words, so that none is wider than so many columns. Code stays as it is.
func Fit(page string, columns int) string {
	var out strings.Builder
	var words []string
	first, rest := "", ""
	flush := func() {
		line := first
		for i, word := range words {
			if i > 0 && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > columns {
				out.WriteString(line + "\n")
				line = rest + word
				continue
			}
			if i > 0 {
				line += " "
			}
			line += word
		}
		if len(words) > 0 {
			out.WriteString(line + "\n")
		}
		words = nil
	}
	for line := range strings.Lines(page) {
		line = strings.TrimSuffix(line, "\n")
		begin := item.FindString(line)
		switch {
		case line == "", strings.HasPrefix(line, "    "), strings.HasPrefix(line, "#"):
			flush()
			out.WriteString(line + "\n")
			continue
		case len(words) == 0, strings.TrimSpace(begin) != "":
			flush()
			first, rest = begin, strings.Repeat(" ", len(begin))
		}
		words = append(words, strings.Fields(line[len(begin):])...)
	}
	flush()
	return out.String()
}

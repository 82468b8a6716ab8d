package manual

import (
	"regexp"
	"strings"

	"rolecall/job/report"
)

// item matches the beginning of a paragraph: white space, and the bullet or number of an item of a list.
var item = regexp.MustCompile(`^ {0,3}(?:\* |- |\d+\. +)?`)

// Fit rewraps a page, so that no line is wider than columns. It does not change code and headings.
func Fit(page string, columns int) string {
	var out strings.Builder
	var words []string
	first, rest := "", ""
	flush := func() {
		if len(words) == 0 {
			return
		}
		for i, line := range report.Wrap(strings.Join(words, " "), columns-len(rest)) {
			if i == 0 {
				line = first + line
			} else {
				line = rest + line
			}
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

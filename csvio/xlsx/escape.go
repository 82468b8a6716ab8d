package xlsx

import (
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

// A workbook writes a character that XML cannot hold as _xHHHH_. Of a text that looks like such an escape it writes the
// first underscore as _x005F_ (ISO/IEC 29500-1, 22.4.2.4, bstr).
const escapeLength = len("_xHHHH_")

// escapeAt returns the character that the escape at the beginning of text stands for, and whether there is one.
func escapeAt(text string) (rune, bool) {
	if len(text) < escapeLength || text[1] != 'x' || text[escapeLength-1] != '_' {
		return 0, false
	}
	for _, c := range []byte(text[2 : escapeLength-1]) {
		if c == '_' || c == '+' || c == '-' {
			return 0, false
		}
	}
	code, err := strconv.ParseUint(text[2:escapeLength-1], 16, 16)
	return rune(code), err == nil
}

// unescape returns the text of a cell. NUL and halves of a character stay escaped.
func unescape(text string) string {
	at := strings.Index(text, "_x")
	if at < 0 {
		return text
	}
	var b strings.Builder
	for ; at >= 0; at = strings.Index(text, "_x") {
		b.WriteString(text[:at])
		text = text[at:]
		if r, ok := escapeAt(text); ok && r != 0 && !utf16.IsSurrogate(r) {
			b.WriteRune(r)
			text = text[escapeLength:]
		} else {
			b.WriteByte('_')
			text = text[1:]
		}
	}
	b.WriteString(text)
	return b.String()
}

// asRuns returns a text in the form in which excelize writes it without loss. If two texts that look like escapes share
// an underscore (_x0041_x0042_), excelize escapes only the first; a text that looks like half a character (_xD800_) it
// drops. It escapes each run on its own, so the text is cut into runs there.
func asRuns(text string) any {
	var runs []excelize.RichTextRun
	begin, last := 0, -escapeLength // of the run, and of the last escape
	for at := 0; at+escapeLength <= len(text); at++ {
		if text[at] != '_' {
			continue
		}
		r, ok := escapeAt(text[at:])
		if !ok {
			continue
		}
		cut := at
		if utf16.IsSurrogate(r) {
			cut++
		} else if at-last >= escapeLength {
			last = at
			continue
		}
		if cut > begin {
			runs = append(runs, excelize.RichTextRun{Text: text[begin:cut]})
		}
		begin, last = cut, at
	}
	if runs == nil {
		return text
	}
	return append(runs, excelize.RichTextRun{Text: text[begin:]})
}

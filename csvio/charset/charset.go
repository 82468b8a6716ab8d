// Package charset turns the bytes of a text file into UTF-8. It finds the charset. It stops at bytes that are no text
// in that charset, and never writes a replacement character for them. It recognises files that are not the text of a
// table.
package charset

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/transform"
)

// The charsets that a byte order mark names, by their WHATWG names. UTF-32 has none there.
const (
	UTF8    = "utf-8"
	utf16LE = "utf-16le"
	utf16BE = "utf-16be"
	utf32LE = "utf-32le"
	utf32BE = "utf-32be"
)

// Mark is a byte order mark in UTF-8.
const Mark = "\ufeff"

// Error reports that a file is not the text of a table, or that its charset is not known here.
type Error struct {
	Problem string
	Hint    string
}

// Error returns problem and hint in one sentence.
func (e *Error) Error() string { return e.Problem + "; " + e.Hint }

// Decode returns the text as UTF-8, and the name of its charset. A byte order mark wins over the given name, because no
// text of another charset begins with those bytes. "" is UTF-8.
//
// The text ends with an error at bytes that are no text: [ErrInvalid] or a *[NULError]. A final Ctrl-Z is left out.
func Decode(in *bufio.Reader, name string) (io.Reader, string, error) {
	if problem := foreign(in); problem != nil {
		return nil, "", problem
	}
	found, problem := marked(in)
	if problem != nil {
		return nil, "", problem
	}
	if found != "" {
		return checked(decodeUnicode(in, found), found), found, nil
	}
	charset, canonical := encoding.Encoding(nil), UTF8
	if name != "" {
		if charset, canonical = find(name); charset == nil {
			return nil, "", &Error{
				Problem: fmt.Sprintf("--encoding %.60q names no charset known here", name),
				Hint: "names in use are utf-8, utf-16le, windows-1252, iso-8859-15, windows-1251, " +
					"shift_jis, gb18030, big5, macintosh",
			}
		}
	}
	if problem := unmarked(in, name, canonical); problem != nil {
		return nil, "", problem
	}
	switch canonical {
	case UTF8, utf16LE, utf16BE:
		return checked(decodeUnicode(in, canonical), canonical), canonical, nil
	}
	return checked(transform.NewReader(in, &strictDecoder{charset.NewDecoder()}), canonical), canonical, nil
}

// marked skips a byte order mark and returns the charset that it names, or "".
func marked(in *bufio.Reader) (string, *Error) {
	for _, bom := range []struct{ mark, charset string }{
		{"\xff\xfe\x00\x00", utf32LE}, {"\x00\x00\xfe\xff", utf32BE}, // before UTF-16, whose mark is the half of it
		{Mark, UTF8}, {"\xff\xfe", utf16LE}, {"\xfe\xff", utf16BE},
	} {
		first, _ := in.Peek(len(bom.mark)) // the first read returns the same error
		if string(first) != bom.mark {
			continue
		}
		if bom.charset == utf32LE || bom.charset == utf32BE {
			return "", isUTF32(bom.charset)
		}
		_, _ = in.Discard(len(bom.mark)) // these bytes are there
		return bom.charset, nil
	}
	return "", nil
}

// sampleBytes is how much of a text unmarked reads to recognise UTF-16 and UTF-32.
const sampleBytes = 4 << 10

// unmarked returns an error if the text is in UTF-16 or UTF-32 without a byte order mark, and the user did not name
// that charset.
func unmarked(in *bufio.Reader, name, canonical string) *Error {
	first, _ := in.Peek(sampleBytes)
	switch found := wide(first); {
	case found == "" || found == canonical:
		return nil
	case found == utf32LE || found == utf32BE:
		return isUTF32(found)
	case name == "":
		return &Error{
			Problem: "every other byte is NUL: this is text in " + found + " without a byte order mark",
			Hint:    "add --encoding " + found,
		}
	default:
		return &Error{
			Problem: fmt.Sprintf("every other byte is NUL: this is text in %s, not in %s", found, canonical),
			Hint:    "give --encoding " + found,
		}
	}
}

func isUTF32(found string) *Error {
	return &Error{
		Problem: "this is text in " + found + ", which rolecall does not read",
		Hint:    "save it as UTF-8, for example with: iconv -f " + strings.ToUpper(found) + " -t UTF-8 FILE",
	}
}

// wide returns the charset of two or four bytes a character under which most characters of the text are ASCII, or "".
func wide(first []byte) string {
	for _, c := range []struct {
		charset   string
		size, low int // bytes of a character, and which of them has its ASCII value
	}{{utf32LE, 4, 0}, {utf32BE, 4, 3}, {utf16LE, 2, 0}, {utf16BE, 2, 1}} {
		all, ascii := len(first)/c.size, 0
		for i := range all {
			units := first[i*c.size : (i+1)*c.size]
			nuls := strings.Count(string(units), "\x00")
			if units[c.low] != 0 && nuls == c.size-1 {
				ascii++
			}
		}
		if ascii*2 > all {
			return c.charset
		}
	}
	return ""
}

func decodeUnicode(in io.Reader, charset string) io.Reader {
	switch charset {
	case utf16LE:
		return transform.NewReader(in, utf16Decoder{order: binary.LittleEndian})
	case utf16BE:
		return transform.NewReader(in, utf16Decoder{order: binary.BigEndian})
	}
	return in
}

// find looks a charset up by the names of the WHATWG, then by IANA's. It returns the canonical name too.
func find(name string) (encoding.Encoding, string) {
	if charset, err := htmlindex.Get(name); err == nil {
		// "replacement" is the WHATWG's name for charsets that must not be decoded.
		if canonical, err := htmlindex.Name(charset); err == nil && canonical != "replacement" {
			return charset, canonical
		}
		return nil, ""
	}
	if charset, err := ianaindex.IANA.Encoding(name); err == nil && charset != nil {
		return charset, strings.ToLower(name)
	}
	return nil, ""
}

// Marks returns how many bytes of byte order marks a decoded text begins with. Programs that join files leave several.
// Programs that take a marked text for one of an old charset leave what the mark shows there, such as "ï»¿".
func Marks(text []byte) int {
	marks := []string{Mark}
	for _, charset := range charmap.All {
		if page, ok := charset.(*charmap.Charmap); ok {
			if misread, err := page.NewDecoder().String(Mark); err == nil && !strings.Contains(misread, "\ufffd") {
				marks = append(marks, misread)
			}
		}
	}
	rest := string(text[:min(len(text), sampleBytes)])
	for again := true; again; {
		again = false
		for _, mark := range marks {
			if cut, ok := strings.CutPrefix(rest, mark); ok {
				rest, again = cut, true
			}
		}
	}
	return min(len(text), sampleBytes) - len(rest)
}

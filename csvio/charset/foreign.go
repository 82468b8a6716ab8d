package charset

import (
	"bufio"
	"bytes"
	"regexp"

	"rolecall/csvio/xlsx"
)

// foreign returns an error that says what a file is if it is neither text nor a workbook, or nil.
func foreign(in *bufio.Reader) *Error {
	const unpack = "unpack it, or compress it with gzip instead"
	for _, kind := range []struct{ magic, what, hint string }{
		{"%PDF-", "a PDF document", "export the table itself, as CSV or Excel workbook (XLSX)"}, // ISO 32000-1, 7.5.2
		{`{\rtf`, "a document in rich text (RTF)", "save it as plain text"},
		{"\x28\xb5\x2f\xfd", "compressed with zstd", unpack},                 // RFC 8878, 3.1.1
		{"\xfd7zXZ\x00", "compressed with xz", unpack},                       // The .xz File Format, 2.1.1.1
		{"BZh91AY&SY", "compressed with bzip2", unpack},                      // its usual level, then the digits of pi
		{"7z\xbc\xaf\x27\x1c", "an archive of 7-Zip", unpack},                // 7zFormat.txt
		{"MIME-Version:", "a web page in one file (MHTML)", hintSpreadsheet}, // RFC 2557
	} {
		if first, _ := in.Peek(len(kind.magic)); string(first) == kind.magic {
			return &Error{Problem: "this is " + kind.what + ", not a table", Hint: kind.hint}
		}
	}
	return nil
}

const hintSpreadsheet = "open it in a spreadsheet program and save it as Excel workbook (XLSX), or " + xlsx.SaveAsCSV

// Text that begins with a tag. A header may begin with "<" as well, so only tags that begin web pages count, and XML
// only by its declaration or a namespace.
var (
	tagHTML = regexp.MustCompile(`(?i)^<(!doctype\s+html|!--|(html|head|body|table|meta|link|base|script|style|title|` +
		`div|span|form|p|br|center|font|h1|a|img|iframe)[\s/>])`)
	tagXML = regexp.MustCompile(`(?i)^<(\?xml\s|[a-z][\w.-]*(:[\w.-]+)?\s[^>]*\bxmlns\b)`)
)

// markupBytes is how much of a text Markup reads to recognise its tags.
const markupBytes = 16 << 10

// Markup returns an error that says what kind of markup a text is (HTML, XML), or nil if it is none.
func Markup(text []byte) *Error {
	text = bytes.TrimLeft(text[:min(len(text), markupBytes)], " \t\r\n")
	has := func(part string) bool { return bytes.Contains(bytes.ToLower(text), []byte(part)) }
	isHTML, isXML := tagHTML.Match(text), tagXML.Match(text)
	switch {
	case !isHTML && !isXML:
		return nil
	case isHTML || has("<html"):
		return &Error{
			Problem: "this is a web page (HTML), not a table",
			Hint: "if it was downloaded, look at it in a browser: it may be a sign-in page in place of the file; " +
				"else " + hintSpreadsheet,
		}
	case has("urn:oasis:names:tc:opendocument"):
		return &Error{Problem: "this is a flat OpenDocument spreadsheet (FODS), which is XML", Hint: hintSpreadsheet}
	case has("urn:schemas-microsoft-com:office:spreadsheet"):
		return &Error{Problem: "this is an XML spreadsheet of Excel 2003", Hint: hintSpreadsheet}
	}
	return &Error{Problem: "this is XML, not a table", Hint: "export the table as CSV or Excel workbook (XLSX)"}
}

package csvio

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"rolecall/csvio/xlsx"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/transform"
)

// blockSize is what is read from a file at a time.
const blockSize = 64 << 10

// MarkUTF8 is the byte order mark at the beginning of a file in UTF-8.
const MarkUTF8 = "\xef\xbb\xbf"

// The first bytes of a file tell what it is, whatever its name says.
const (
	magicGzip    = "\x1f\x8b"             // RFC 1952, 2.3.1
	magicZip     = "PK\x03\x04"           // ZIP local file header: an XLSX or ODS workbook
	magicOLE     = "\xd0\xcf\x11\xe0\xa1" // compound file: a workbook of Excel 97 to 2003
	bomUTF16LE   = "\xff\xfe"
	bomUTF16BE   = "\xfe\xff"
	nameUTF8     = "utf-8"
	nameUTF16LE  = "utf-16le"
	nameUTF16BE  = "utf-16be"
	hintEncoding = "save it as UTF-8, or name its charset with --encoding, for example --encoding windows-1252"
)

// open finds the format of the table, and prepares to read it.
func (r *Reader) open(in io.Reader, o Options) error {
	src := xlsx.InPlace(in)
	buffered := bufio.NewReaderSize(in, blockSize)
	if starts(buffered, magicGzip) {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return &FileError{Problem: "the file begins like gzip, but cannot be unpacked", Err: err}
		}
		buffered, src = bufio.NewReaderSize(unzipped, blockSize), nil
		r.dialect.Compressed = true
	}
	switch {
	case starts(buffered, magicZip) && r.dialect.Compressed:
		return &FileError{
			Problem: "this is a workbook (XLSX) or a ZIP archive inside gzip",
			Hint:    "unpack it with gunzip: such a file is compressed in itself",
		}
	case starts(buffered, magicZip):
		return r.openWorkbook(src, buffered, o)
	case starts(buffered, magicOLE):
		return oldWorkbook(buffered)
	}
	return r.openText(buffered, o)
}

// oldWorkbook returns the error for a compound file. Excel saves a workbook with a password as one ([MS-OFFCRYPTO]
// 2.3.4.4).
func oldWorkbook(in *bufio.Reader) *FileError {
	first, _ := in.Peek(blockSize)
	name := strings.Join(strings.Split("EncryptedPackage", ""), "\x00") + "\x00" // in UTF-16
	if bytes.Contains(first, []byte(name)) {
		return &FileError{
			Problem: "this is a workbook with a password", Hint: "save it without one, or " + xlsx.SaveAsCSV,
		}
	}
	return &FileError{
		Problem: "this is an old Excel workbook (XLS), or one with a password",
		Hint:    "save it as Excel workbook (XLSX) without a password, or " + xlsx.SaveAsCSV,
	}
}

// openText prepares to read text. Bytes that cannot be decoded are an error of the reading, never a replacement
// character.
func (r *Reader) openText(in *bufio.Reader, o Options) error {
	text, charset, problem := decodeText(in, o.Encoding)
	if problem != nil {
		return problem
	}
	r.dialect.Encoding = charset
	dialect := r.dialect
	explain := func(err error) *FileError { return readProblem(err, dialect) }
	r.split = newSplitter(checkedText(text), explain)
	r.split.readAhead(sampleBytes)
	if isJSON, lines := looksLikeJSON(r.split); isJSON {
		return r.openJSON(o, lines)
	}
	return r.openCSV(o)
}

func starts(in *bufio.Reader, magic string) bool {
	first, _ := in.Peek(len(magic)) // the first read returns the same error
	return string(first) == magic
}

// decodeText applies the byte order mark, or else the named charset, or else UTF-8. A byte order mark wins over a name,
// because no text of another charset begins with those bytes.
func decodeText(in *bufio.Reader, name string) (io.Reader, string, *FileError) {
	for _, bom := range []struct{ mark, charset string }{
		{MarkUTF8, nameUTF8}, {bomUTF16LE, nameUTF16LE}, {bomUTF16BE, nameUTF16BE},
	} {
		if starts(in, bom.mark) {
			if _, err := in.Discard(len(bom.mark)); err != nil {
				return nil, "", &FileError{Problem: "the file cannot be read", Err: err}
			}
			return decodeUnicode(in, bom.charset), bom.charset, nil
		}
	}
	if name == "" {
		return in, nameUTF8, nil
	}
	charset, canonical := findCharset(name)
	if charset == nil {
		return nil, "", &FileError{
			Problem: fmt.Sprintf("--encoding %s names no charset known here", shown(name)),
			Hint: "names in use are utf-8, utf-16le, windows-1252, iso-8859-15, windows-1251, " +
				"shift_jis, gb18030, big5, macintosh",
		}
	}
	switch canonical {
	case nameUTF8, nameUTF16LE, nameUTF16BE:
		return decodeUnicode(in, canonical), canonical, nil
	}
	return transform.NewReader(in, &strictDecoder{charset.NewDecoder()}), canonical, nil
}

func decodeUnicode(in io.Reader, charset string) io.Reader {
	switch charset {
	case nameUTF16LE:
		return transform.NewReader(in, utf16Decoder{order: binary.LittleEndian})
	case nameUTF16BE:
		return transform.NewReader(in, utf16Decoder{order: binary.BigEndian})
	}
	return in
}

// findCharset looks a charset up by the names of the WHATWG, then by IANA's. It returns the canonical name too.
func findCharset(name string) (encoding.Encoding, string) {
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

// readProblem explains for people why the text cannot be read any further.
func readProblem(err error, d Dialect) *FileError {
	switch {
	case errors.Is(err, errInvalidText):
		if d.Encoding == nameUTF8 {
			return &FileError{Problem: "the text is not valid UTF-8 here", Hint: hintEncoding}
		}
		return &FileError{
			Problem: "the text is not valid " + d.Encoding + " here",
			Hint:    "name the charset the file was saved in with --encoding",
		}
	case errors.Is(err, errNUL):
		return &FileError{
			Problem: "there is a NUL byte here, so this is not a text file in " + d.Encoding,
			Hint:    "if it is UTF-16, add --encoding utf-16le; if it is a workbook, " + xlsx.SaveAsCSV,
		}
	case d.Compressed && errors.Is(err, io.ErrUnexpectedEOF):
		return &FileError{Problem: "the compressed file is cut off here", Hint: "fetch or write it again", Err: err}
	case d.Compressed:
		return &FileError{
			Problem: "the compressed file cannot be unpacked any further", Hint: "fetch or write it again", Err: err,
		}
	}
	return &FileError{Problem: "the file cannot be read any further", Err: err}
}

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

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/transform"
)

// blockSize is what is read from a file at a time.
const blockSize = 64 << 10

// The first bytes that tell what a file is, whatever its name says.
const (
	magicGzip    = "\x1f\x8b"             // RFC 1952, 2.3.1
	magicZip     = "PK\x03\x04"           // ZIP local file header: an XLSX or ODS workbook
	magicOLE     = "\xd0\xcf\x11\xe0\xa1" // compound file: a workbook of Excel 97 to 2003
	bomUTF8      = "\xef\xbb\xbf"
	bomUTF16LE   = "\xff\xfe"
	bomUTF16BE   = "\xfe\xff"
	nameUTF8     = "utf-8"
	nameUTF16LE  = "utf-16le"
	nameUTF16BE  = "utf-16be"
	hintSaveAs   = "save it as \"CSV UTF-8 (comma delimited)\" and give that file"
	hintEncoding = "save it as UTF-8, or name its charset with --encoding, for example --encoding windows-1252"
)

// open finds out what r is, and gets it ready to be read.
func (r *Reader) open(in io.Reader, o Options) error {
	place := placeIn(in)
	buffered := bufio.NewReaderSize(in, blockSize)
	if starts(buffered, magicGzip) {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return &FileError{Problem: "the file begins like gzip, but cannot be unpacked", Err: err}
		}
		buffered, place = bufio.NewReaderSize(unzipped, blockSize), nil
		r.dialect.Compressed = true
	}
	switch {
	case starts(buffered, magicZip) && r.dialect.Compressed:
		return &FileError{Problem: "this is a workbook (XLSX) or a ZIP archive inside gzip", Hint: "unpack it with gunzip: such a file is compressed in itself"}
	case starts(buffered, magicZip):
		return r.openWorkbook(place, buffered, o)
	case starts(buffered, magicOLE):
		return oldWorkbook(buffered)
	}
	return r.openText(buffered, o)
}

// oldWorkbook says of a compound file why it cannot be read. Excel puts a
// workbook with a password into one ([MS-OFFCRYPTO] 2.3.4.4).
func oldWorkbook(in *bufio.Reader) *FileError {
	first, _ := in.Peek(blockSize)
	if name := []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"); bytes.Contains(first, name) {
		return &FileError{Problem: "this is a workbook with a password", Hint: "save it without one, or " + hintSaveAs}
	}
	return &FileError{Problem: "this is an old Excel workbook (XLS), or one with a password", Hint: "save it as Excel workbook (XLSX) without a password, or " + hintSaveAs}
}

// openText gets text ready: charset and compression are found by content. What
// cannot be decoded is an error of the reading, never a replacement character.
func (r *Reader) openText(in *bufio.Reader, o Options) error {
	text, charset, problem := decodeText(in, o.Encoding)
	if problem != nil {
		return problem
	}
	r.dialect.Encoding = charset
	dialect := r.dialect
	r.split = newSplitter(&checkedText{src: text}, func(err error) *FileError { return readProblem(err, dialect) })
	r.split.readAhead(sampleBytes)
	isJSON, problem := looksLikeJSON(r.split)
	if problem != nil {
		return problem
	}
	if isJSON {
		return r.openJSONLines(o)
	}
	return r.openCSV(o)
}

func starts(in *bufio.Reader, magic string) bool {
	first, _ := in.Peek(len(magic)) // an error here comes again with the first read
	return string(first) == magic
}

// decodeText applies the byte order mark, or else the named charset, or else
// UTF-8. A byte order mark wins over a name, because no text of another
// charset begins with those bytes.
func decodeText(in *bufio.Reader, name string) (io.Reader, string, *FileError) {
	for _, bom := range []struct{ mark, charset string }{
		{bomUTF8, nameUTF8}, {bomUTF16LE, nameUTF16LE}, {bomUTF16BE, nameUTF16BE},
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
	charset, found := findCharset(name)
	if charset == nil {
		return nil, "", &FileError{
			Problem: fmt.Sprintf("--encoding %s names no charset known here", shown(name)),
			Hint:    "names in use are utf-8, utf-16le, windows-1252, iso-8859-15, windows-1251, shift_jis, gb18030, big5, macintosh",
		}
	}
	switch found {
	case nameUTF8, nameUTF16LE, nameUTF16BE:
		return decodeUnicode(in, found), found, nil
	}
	return transform.NewReader(in, &strictDecoder{charset.NewDecoder()}), found, nil
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

// findCharset looks a charset up by the names of the WHATWG, then by IANA's.
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

// readProblem says in a person's terms why the text ends before its end.
func readProblem(err error, d Dialect) *FileError {
	switch {
	case errors.Is(err, errInvalidText):
		if d.Encoding == nameUTF8 {
			return &FileError{Problem: "the text is not valid UTF-8 here", Hint: hintEncoding}
		}
		return &FileError{Problem: "the text is not valid " + d.Encoding + " here", Hint: "name the charset the file was saved in with --encoding"}
	case errors.Is(err, errNUL):
		return &FileError{
			Problem: "there is a NUL byte here, so this is not a text file in " + d.Encoding,
			Hint:    "if it is UTF-16, add --encoding utf-16le; if it is a workbook, " + hintSaveAs,
		}
	case d.Compressed && errors.Is(err, io.ErrUnexpectedEOF):
		return &FileError{Problem: "the compressed file is cut off here", Hint: "fetch or write it again", Err: err}
	case d.Compressed:
		return &FileError{Problem: "the compressed file cannot be unpacked any further", Hint: "fetch or write it again", Err: err}
	}
	return &FileError{Problem: "the file cannot be read any further", Err: err}
}

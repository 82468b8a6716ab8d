package csvio

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"

	"rolecall/csvio/charset"
	"rolecall/csvio/xlsx"
)

// blockSize is how many bytes are read from a file at a time.
const blockSize = 64 << 10

// MarkUTF8 is the byte order mark at the beginning of a file in UTF-8.
const MarkUTF8 = charset.Mark

// The first bytes of a file show its format, whatever its name is.
const (
	magicGzip    = "\x1f\x8b"             // RFC 1952, 2.3.1
	magicZip     = "PK\x03\x04"           // ZIP local file header: an XLSX or ODS workbook
	magicOLE     = "\xd0\xcf\x11\xe0\xa1" // compound file: a workbook of Excel 97 to 2003
	hintEncoding = "save it as UTF-8, or name its charset with --encoding, for example --encoding windows-1252"
	hintAgain    = "fetch or write it again"
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
	text, name, err := charset.Decode(in, o.Encoding)
	if err != nil {
		return notText(err)
	}
	r.dialect.Encoding = name
	if o.Sheet != "" {
		r.dialect.Ignored = " (it has no sheets: --sheet has no effect)"
	}
	dialect := r.dialect
	explain := func(err error) *FileError { return readProblem(err, dialect) }
	r.split = newSplitter(text, explain)
	r.split.readAhead(sampleBytes)
	r.split.pos += charset.Marks(r.split.window())
	if problem := charset.Markup(r.split.window()); problem != nil {
		return notText(problem)
	}
	if isJSON, lines := looksLikeJSON(r.split); isJSON {
		return r.openJSON(o, lines)
	}
	return r.openCSV(o)
}

// notText turns a *charset.Error into a *FileError.
func notText(err error) error {
	if problem, ok := errors.AsType[*charset.Error](err); ok {
		return &FileError{Problem: problem.Problem, Hint: problem.Hint}
	}
	return err
}

func starts(in *bufio.Reader, magic string) bool {
	first, _ := in.Peek(len(magic)) // the first read returns the same error
	return string(first) == magic
}

// readProblem explains for people why the text cannot be read any further.
func readProblem(err error, d Dialect) *FileError {
	nul, isNUL := errors.AsType[*charset.NULError](err)
	switch {
	case errors.Is(err, charset.ErrInvalid):
		if d.Encoding == charset.UTF8 {
			return &FileError{Problem: "the text is not valid UTF-8 here", Hint: hintEncoding}
		}
		return &FileError{
			Problem: "the text is not valid " + d.Encoding + " here",
			Hint:    "name the charset the file was saved in with --encoding",
		}
	case isNUL && nul.Bytes > 0:
		return &FileError{Problem: nul.Error() + ": the file was not written whole", Hint: hintAgain}
	case isNUL:
		return &FileError{
			Problem: nul.Error() + ", so this is not a text file in " + d.Encoding,
			Hint:    "if it is a workbook, " + xlsx.SaveAsCSV,
		}
	case d.Compressed && errors.Is(err, io.ErrUnexpectedEOF):
		return &FileError{Problem: "the compressed file is cut off here", Hint: hintAgain, Err: err}
	case d.Compressed:
		return &FileError{
			Problem: "the compressed file cannot be unpacked any further", Hint: hintAgain, Err: err,
		}
	}
	return &FileError{Problem: "the file cannot be read any further", Err: err}
}

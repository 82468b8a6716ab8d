package csvio

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// maxTokenBytes bounds one piece of XML, so that memory does not follow the
// file: text up to a whole record, with every character of it escaped.
const maxTokenBytes = 6 * maxRecordBytes

var errTokenTooLong = fmt.Errorf("a piece of it is longer than %d KiB", maxTokenBytes>>10)

// part is a part of a workbook, read piece by piece.
type part struct {
	packed io.ReadCloser
	in     *bufio.Reader
	piece  int // bytes of the piece being read
	xml    *xml.Decoder
}

// open opens a part.
func (w *workbook) open(name string) (*part, error) {
	f := w.parts[name]
	if f == nil {
		return nil, fmt.Errorf("it lacks its part %s", name)
	}
	if f.Flags&1 != 0 {
		return nil, &FileError{Problem: "the workbook is encrypted", Hint: "save it without a password"}
	}
	packed, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("open its part %s: %w", name, err)
	}
	p := &part{packed: packed, in: bufio.NewReaderSize(&unpacked{from: packed, file: f}, blockSize)}
	p.xml = xml.NewDecoder(p)
	return p, nil
}

func (p *part) close() { _ = p.packed.Close() }

// token gives the next piece: names are not resolved, and elements need not
// match. It ends with io.EOF.
func (p *part) token() (xml.Token, error) {
	p.piece = 0
	token, err := p.xml.RawToken()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read its XML: %w", err)
	}
	return token, err
}

// ReadByte implements io.ByteReader, which an xml.Decoder reads by.
func (p *part) ReadByte() (byte, error) {
	if p.piece++; p.piece > maxTokenBytes {
		return 0, errTokenTooLong
	}
	return p.in.ReadByte()
}

// Read implements io.Reader; it is not used.
func (p *part) Read(b []byte) (int, error) { return p.in.Read(b) }

// unpacked counts what a part unpacks to.
type unpacked struct {
	from io.Reader
	file *zip.File
	size uint64
}

// Read implements io.Reader.
func (u *unpacked) Read(b []byte) (int, error) {
	n, err := u.from.Read(b)
	u.size += uint64(max(n, 0))
	if u.size > maxPartBytes || u.size > largePart && u.size/maxPartRatio > u.file.CompressedSize64 {
		return 0, fmt.Errorf("its part %s unpacks to far more than any table that a spreadsheet program has saved", u.file.Name)
	}
	return n, err
}

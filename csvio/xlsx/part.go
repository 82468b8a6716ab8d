package xlsx

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// Limits that keep memory and disk flat, whatever the archive holds.
const (
	maxTextBytes  = 1 << 20          // of the texts in a row, and of one shared text
	maxTokenBytes = 6 * maxTextBytes // of one XML token: a text in which every character is escaped
	maxPartBytes  = 16 << 30         // of one part, unpacked
	maxPartRatio  = 200              // of the unpacked to the packed size of a large part
	largePart     = 16 << 20
)

var errTokenTooLong = fmt.Errorf("a piece of it is longer than %d KiB", maxTokenBytes>>10)

// part is a part of a workbook, read token by token.
type part struct {
	packed io.ReadCloser
	in     *bufio.Reader
	bytes  int // of the current token
	xml    *xml.Decoder
}

func (b *Book) open(name string) (*part, error) {
	f := b.parts[name]
	if f == nil {
		return nil, fmt.Errorf("it lacks its part %s", name)
	}
	if f.Flags&1 != 0 {
		return nil, &Error{Problem: "the workbook is encrypted", Hint: "save it without a password"}
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

// token returns the next token, and io.EOF at the end. Names are not resolved, and elements need not match.
func (p *part) token() (xml.Token, error) {
	p.bytes = 0
	token, err := p.xml.RawToken()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read its XML: %w", err)
	}
	return token, err
}

// ReadByte implements io.ByteReader, which an xml.Decoder reads from.
func (p *part) ReadByte() (byte, error) {
	if p.bytes++; p.bytes > maxTokenBytes {
		return 0, errTokenTooLong
	}
	return p.in.ReadByte()
}

// Read implements io.Reader. Nobody calls it.
func (p *part) Read(b []byte) (int, error) { return p.in.Read(b) }

// unpacked counts the unpacked bytes of a part.
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
		return 0, fmt.Errorf("its part %s unpacks to far more than any table that a spreadsheet program has saved",
			u.file.Name)
	}
	return n, err
}

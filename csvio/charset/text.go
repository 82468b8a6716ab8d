package charset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// ErrInvalid ends a text at bytes that its charset does not have. The reader first returns everything before them, so
// that the line is known.
var ErrInvalid = encoding.ErrInvalidUTF8 // also of other charsets

// NULError ends a text at a NUL character. The reader first returns everything before it.
type NULError struct {
	Bytes int  // of NULs from here to the end of the file; 0: something else follows
	More  bool // there are more than Bytes
}

// Error returns how many NULs there are, and where.
func (e *NULError) Error() string {
	switch {
	case e.Bytes == 0:
		return "there is a NUL byte here"
	case e.More:
		return fmt.Sprintf("the rest of the file begins with %d NUL bytes", e.Bytes)
	}
	return fmt.Sprintf("the file ends in %d NUL bytes from here on", e.Bytes)
}

// checked passes valid UTF-8 without NUL through, leaves out a final Ctrl-Z, and stops at anything else.
func checked(src io.Reader, charset string) io.Reader {
	size := 1
	if charset == utf16LE || charset == utf16BE {
		size = 2
	}
	valid := transform.NewReader(src, encoding.UTF8Validator)
	return transform.NewReader(&noNUL{src: valid, size: size}, noCtrlZ{})
}

// noNUL stops at a NUL character.
type noNUL struct {
	src  io.Reader
	size int // bytes of a NUL in the file
	err  error
}

// Read implements io.Reader.
func (r *noNUL) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.src.Read(p)
	if i := bytes.IndexByte(p[:n], 0); i >= 0 {
		r.err = r.count(bytes.Clone(p[i:n]), err)
		return i, r.err
	}
	return n, err
}

// mostNULs ends the counting of NULs: some devices give nothing else.
const mostNULs = 64 << 20

// count returns the error for a NUL. rest and err are what followed the NUL so far. count reads on to find out whether
// the file ends in NULs.
func (r *noNUL) count(rest []byte, err error) error {
	nuls, buf := 0, make([]byte, 32<<10)
	for {
		nuls += len(rest)
		switch {
		case len(bytes.Trim(rest, "\x00")) > 0:
			return &NULError{}
		case errors.Is(err, io.EOF):
			return &NULError{Bytes: nuls * r.size}
		case err != nil:
			return &NULError{}
		case nuls >= mostNULs:
			return &NULError{Bytes: nuls * r.size, More: true}
		}
		var n int
		n, err = r.src.Read(buf)
		rest = buf[:n]
	}
}

// noCtrlZ leaves out a Ctrl-Z at the end of a text, and what fills the block after it. DOS programs end a text like
// this. A Ctrl-Z elsewhere stays.
type noCtrlZ struct{ transform.NopResetter }

// maxFill is the longest end that may begin with a Ctrl-Z. CP/M fills a block of 128 bytes.
const maxFill = 1 << 10

// Transform implements transform.Transformer.
func (noCtrlZ) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		rest := src[nSrc:]
		z := bytes.IndexByte(rest, '\x1a')
		if z != 0 {
			if z > 0 {
				rest = rest[:z]
			}
			n := copy(dst[nDst:], rest)
			nDst, nSrc = nDst+n, nSrc+n
			if n < len(rest) {
				return nDst, nSrc, transform.ErrShortDst
			}
			continue
		}
		end := len(rest) - len(bytes.TrimLeft(rest, "\x1a \t\r\n"))
		switch {
		case end == len(rest) && end < maxFill && !atEOF:
			return nDst, nSrc, transform.ErrShortSrc
		case end == len(rest) && end < maxFill:
			return nDst, len(src), nil
		}
		n := copy(dst[nDst:], rest[:end])
		nDst, nSrc = nDst+n, nSrc+n
		if n < end {
			return nDst, nSrc, transform.ErrShortDst
		}
	}
	return nDst, nSrc, nil
}

// strictDecoder turns the replacement character, which decoders write for bytes that they cannot decode, into an error.
type strictDecoder struct{ transform.Transformer }

// Transform implements transform.Transformer.
func (d *strictDecoder) Transform(dst, src []byte, atEOF bool) (int, int, error) {
	nDst, nSrc, err := d.Transformer.Transform(dst, src, atEOF)
	if i := bytes.Index(dst[:nDst], []byte("\uFFFD")); i >= 0 {
		return i, nSrc, ErrInvalid
	}
	return nDst, nSrc, err
}

// utf16Decoder decodes UTF-16 and stops at a lone surrogate or half a unit. The decoder of x/text would write a
// replacement character there, which looks like one that the file holds.
type utf16Decoder struct{ order binary.ByteOrder }

// Reset implements transform.Transformer; there is no state.
func (utf16Decoder) Reset() {}

// Transform implements transform.Transformer.
func (d utf16Decoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		r, size := d.decode(src[nSrc:])
		switch {
		case size == 0 && atEOF:
			return nDst, nSrc, ErrInvalid
		case size == 0:
			return nDst, nSrc, transform.ErrShortSrc
		case r == utf8.RuneError && size == 4:
			return nDst, nSrc, ErrInvalid
		case nDst+utf8.RuneLen(r) > len(dst):
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}

// decode returns the first character of src and its size: 0 if src ends within the character, and the replacement
// character of size 4 for a broken pair.
func (d utf16Decoder) decode(src []byte) (rune, int) {
	if len(src) < 2 {
		return 0, 0
	}
	r := rune(d.order.Uint16(src))
	if !utf16.IsSurrogate(r) {
		return r, 2
	}
	if len(src) < 4 {
		return 0, 0
	}
	return utf16.DecodeRune(r, rune(d.order.Uint16(src[2:]))), 4
}

package csvio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

// These errors stop the text of a file before its end. The reader first delivers everything before them, so that the
// line is known.
var (
	errInvalidText = errors.New("invalid text")
	errNUL         = errors.New("NUL byte")
)

// checkedText passes valid UTF-8 without NUL through and stops at anything else.
type checkedText struct {
	src  io.Reader
	tail [utf8.UTFMax]byte // the first bytes of a character that goes on in the next block
	n    int               // bytes in tail
	err  error
}

// Read needs room for a whole character, which every block has.
func (c *checkedText) Read(p []byte) (int, error) {
	if len(p) < 2*utf8.UTFMax {
		return 0, io.ErrShortBuffer
	}
	for c.err == nil {
		have := copy(p, c.tail[:c.n])
		n, err := c.src.Read(p[have:])
		c.n, c.err = 0, err
		block := p[:have+n]
		if i := bytes.IndexByte(block, 0); i >= 0 {
			block, c.err = block[:i], errNUL
		}
		if good := validPrefix(block); good < len(block) {
			if c.err == nil && !utf8.FullRune(block[good:]) {
				c.n = copy(c.tail[:], block[good:])
			} else if c.err == nil || errors.Is(c.err, io.EOF) || errors.Is(c.err, errNUL) {
				c.err = errInvalidText
			}
			block = block[:good]
		}
		if len(block) > 0 {
			return len(block), nil
		}
	}
	return 0, c.err
}

// validPrefix returns the length of the valid UTF-8 that b begins with.
func validPrefix(b []byte) int {
	if utf8.Valid(b) {
		return len(b)
	}
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(b)
}

// strictDecoder turns the replacement character, which decoders write for bytes that they cannot decode, into an error.
type strictDecoder struct{ transform.Transformer }

// Transform implements transform.Transformer.
func (d *strictDecoder) Transform(dst, src []byte, atEOF bool) (int, int, error) {
	nDst, nSrc, err := d.Transformer.Transform(dst, src, atEOF)
	if i := bytes.Index(dst[:nDst], []byte("\uFFFD")); i >= 0 {
		return i, nSrc, errInvalidText
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
			return nDst, nSrc, errInvalidText
		case size == 0:
			return nDst, nSrc, transform.ErrShortSrc
		case r == utf8.RuneError && size == 4:
			return nDst, nSrc, errInvalidText
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

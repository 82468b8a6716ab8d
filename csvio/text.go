package csvio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// These errors stop the text of a file before its end. The reader first delivers everything before them, so that the
// line is known.
var (
	errInvalidText = encoding.ErrInvalidUTF8 // also of other charsets
	errNUL         = errors.New("NUL byte")
)

// checkedText passes valid UTF-8 without NUL through and stops at anything else.
func checkedText(src io.Reader) io.Reader {
	return transform.NewReader(transform.NewReader(src, encoding.UTF8Validator), noNUL{})
}

// noNUL stops at a NUL byte.
type noNUL struct{ transform.NopResetter }

// Transform implements transform.Transformer.
func (noNUL) Transform(dst, src []byte, _ bool) (nDst, nSrc int, err error) {
	n := copy(dst, src)
	if i := bytes.IndexByte(dst[:n], 0); i >= 0 {
		return i, i, errNUL
	}
	if n < len(src) {
		err = transform.ErrShortDst
	}
	return n, n, err
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

package job

import (
	"encoding/binary"
	"errors"
)

// errPacked says that a packed record of run.db is not what rolecall wrote.
var errPacked = errors.New("a record of run.db cannot be read: the file is damaged")

// packNumber packs a number that is not negative, in as few bytes as it needs.
func packNumber(b []byte, n int64) []byte {
	return binary.AppendUvarint(b, uint64(n)) //nolint:gosec // rows, lines, attempts and lengths are never negative
}

// packText packs a text with its length before it.
func packText(b []byte, text string) []byte {
	return append(packNumber(b, int64(len(text))), text...)
}

// packID packs an id as its distance from the one before it, since the ids of a file are near each other. A zero stands before an id that is no number, or none.
func packID(b []byte, id, before recordID) []byte {
	if id.n == 0 {
		return packText(binary.AppendVarint(b, 0), id.text)
	}
	distance := id.n - base(before)
	if distance >= 0 {
		distance++
	}
	return binary.AppendVarint(b, distance)
}

// base is at least one, as every id that is a number is: no distance from it is too large.
func base(before recordID) int64 { return max(1, before.n) }

// unpacker reads what was packed. From the first thing on that cannot be read everything is empty, and err is set.
type unpacker struct {
	b   []byte
	err error
}

func (u *unpacker) more() bool { return len(u.b) > 0 }

func (u *unpacker) fail() { u.b, u.err = nil, errPacked }

func (u *unpacker) number() int64 {
	n, size := binary.Uvarint(u.b)
	if size <= 0 {
		u.fail()
		return 0
	}
	u.b = u.b[size:]
	return int64(n) //nolint:gosec // a damaged one may come out negative, and is then no length of a text and no row
}

func (u *unpacker) text() string {
	n := u.number()
	if n < 0 || n > int64(len(u.b)) {
		u.fail()
		return ""
	}
	text := string(u.b[:n])
	u.b = u.b[n:]
	return text
}

func (u *unpacker) id(before recordID) recordID {
	distance, size := binary.Varint(u.b)
	if size <= 0 {
		u.fail()
		return recordID{}
	}
	u.b = u.b[size:]
	if distance == 0 {
		return recordID{text: u.text()}
	}
	if distance > 0 {
		distance--
	}
	return recordID{n: base(before) + distance}
}

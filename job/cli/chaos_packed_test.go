package cli_test

import (
	"encoding/binary"
	"hash/crc32"
	"testing"
)

// chaosPacked reads what rolecall packed into run.db and its journal, by what their documentation says.
type chaosPacked struct {
	t *testing.T
	b []byte
}

func (p *chaosPacked) number() int {
	n, size := binary.Uvarint(p.b)
	if size <= 0 {
		p.t.Fatal("something packed cannot be read")
	}
	p.b = p.b[size:]
	return int(n)
}

func (p *chaosPacked) text() {
	n := p.number()
	p.b = p.b[n:]
}

// outcomes reads the rows, from 0, of packed outcomes: of each the row, the number of its answer, twice the attempts and one more if there is more, the details; then what it is the same as, and
// the name and id of the role before.
func (p *chaosPacked) outcomes() (rows []int) {
	for len(p.b) > 0 {
		rows = append(rows, p.number()-1)
		p.number()
		more := p.number()&1 == 1
		p.text()
		if more {
			p.number()
			p.text()
			p.text()
		}
	}
	return rows
}

// journalled reads the rows of a journal file that is not in run.db yet: frames of length, checksum and as many bytes. The first holds the file's number; each other the answers that are new (number,
// HTTP status, status, action, code, message), how many outcomes follow, and those.
func journalled(t *testing.T, b []byte, committed int) (rows []int) {
	t.Helper()
	for first := true; len(b) >= 8; first = false {
		n, sum := int(binary.LittleEndian.Uint32(b)), binary.LittleEndian.Uint32(b[4:])
		if b = b[8:]; n == 0 || n > len(b) || crc32.ChecksumIEEE(b[:n]) != sum {
			break
		}
		p := &chaosPacked{t, b[:n]}
		b = b[n:]
		if first {
			if p.number() <= committed {
				return nil
			}
			continue
		}
		for range p.number() {
			p.number()
			p.number()
			p.text()
			p.text()
			p.text()
			p.text()
		}
		p.number()
		rows = append(rows, p.outcomes()...)
	}
	return rows
}

package csvio

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// scratch is a file for what is read again and not kept: 0600, and removed at
// the end, where the system allows it from the beginning.
type scratch struct {
	file  *os.File
	gone  bool // from its folder already
	out   []byte
	pages [scratchPages]scratchPage
}

// What is read is held in so many pages: most cells refer to texts near the
// last one.
const (
	scratchPages    = 64
	scratchPageSize = 8 << 10
)

type scratchPage struct {
	number int64
	data   []byte // nil: none
}

func newScratch(dir string) (*scratch, error) {
	f, err := os.CreateTemp(dir, ".sheet-*.tmp") // CreateTemp makes it 0600
	if err != nil {
		return nil, fmt.Errorf("make a place for what does not fit in memory: %w", err)
	}
	return &scratch{file: f, gone: os.Remove(f.Name()) == nil, out: make([]byte, 0, blockSize)}, nil
}

// Write implements io.Writer.
func (s *scratch) Write(b []byte) (int, error) {
	if len(s.out)+len(b) > blockSize {
		if err := s.settle(); err != nil {
			return 0, err
		}
	}
	s.out = append(s.out, b...)
	return len(b), nil
}

// settle writes what waits.
func (s *scratch) settle() error {
	_, err := s.file.Write(s.out)
	s.out = s.out[:0]
	return err
}

// readAt fills b from an offset on.
func (s *scratch) readAt(b []byte, at int64) error {
	for len(b) > 0 {
		page := &s.pages[(at/scratchPageSize)%scratchPages]
		if number := at / scratchPageSize; page.data == nil || page.number != number {
			if page.data == nil {
				page.data = make([]byte, scratchPageSize)
			}
			n, err := s.file.ReadAt(page.data[:scratchPageSize], number*scratchPageSize)
			page.data, page.number = page.data[:n], number
			if err != nil && !errors.Is(err, io.EOF) {
				page.number = -1
				return err
			}
		}
		n := 0
		if from := at % scratchPageSize; from < int64(len(page.data)) {
			n = copy(b, page.data[from:])
		}
		if n == 0 {
			return io.ErrUnexpectedEOF
		}
		b, at = b[n:], at+int64(n)
	}
	return nil
}

func (s *scratch) close() error {
	err := s.file.Close()
	if !s.gone { // Windows does not remove what is open
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err
}

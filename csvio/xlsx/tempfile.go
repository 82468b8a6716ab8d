package xlsx

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// blockSize is how much is read or written at a time.
const blockSize = 64 << 10

// tempFile holds what does not fit in memory: first it is written, then it is read at any offset. It has mode 0600
// and is removed at the end, or at the beginning if the system allows that.
type tempFile struct {
	file    *os.File
	removed bool
	out     []byte // not written yet
	pages   [pages]page
}

// The last pages that were read stay in memory: most cells refer to texts near the last one.
const (
	pages    = 64
	pageSize = 8 << 10
)

type page struct {
	number int64
	data   []byte // nil: none
}

func newTempFile(dir string) (*tempFile, error) {
	f, err := os.CreateTemp(dir, ".sheet-*.tmp") // CreateTemp sets mode 0600
	if err != nil {
		return nil, fmt.Errorf("create a file for what does not fit in memory: %w", err)
	}
	return &tempFile{file: f, removed: os.Remove(f.Name()) == nil, out: make([]byte, 0, blockSize)}, nil
}

// Write implements io.Writer.
func (t *tempFile) Write(b []byte) (int, error) {
	if len(t.out)+len(b) > blockSize {
		if err := t.flush(); err != nil {
			return 0, err
		}
	}
	t.out = append(t.out, b...)
	return len(b), nil
}

func (t *tempFile) flush() error {
	_, err := t.file.Write(t.out)
	t.out = t.out[:0]
	return err
}

// readAt fills b from an offset on.
func (t *tempFile) readAt(b []byte, at int64) error {
	for len(b) > 0 {
		page := &t.pages[(at/pageSize)%pages]
		if number := at / pageSize; page.data == nil || page.number != number {
			if page.data == nil {
				page.data = make([]byte, pageSize)
			}
			n, err := t.file.ReadAt(page.data[:pageSize], number*pageSize)
			page.data, page.number = page.data[:n], number
			if err != nil && !errors.Is(err, io.EOF) {
				page.number = -1
				return err
			}
		}
		n := 0
		if from := at % pageSize; from < int64(len(page.data)) {
			n = copy(b, page.data[from:])
		}
		if n == 0 {
			return io.ErrUnexpectedEOF
		}
		b, at = b[n:], at+int64(n)
	}
	return nil
}

func (t *tempFile) close() error {
	err := t.file.Close()
	if !t.removed { // Windows does not remove an open file
		err = errors.Join(err, os.Remove(t.file.Name()))
	}
	return err
}

package xlsx

import (
	"bufio"
	"errors"
	"fmt"
	"os"
)

// blockSize is how much is read or written at a time.
const blockSize = 64 << 10

// tempFile holds what does not fit in memory: first it is written, then it is read at any offset. It has mode 0600
// and is removed at the end, or at the beginning if the system allows that.
type tempFile struct {
	*bufio.Writer

	file    *os.File
	removed bool
}

func newTempFile(dir string) (*tempFile, error) {
	f, err := os.CreateTemp(dir, ".sheet-*.tmp") // CreateTemp sets mode 0600
	if err != nil {
		return nil, fmt.Errorf("create a file for what does not fit in memory: %w", err)
	}
	return &tempFile{Writer: bufio.NewWriterSize(f, blockSize), file: f, removed: os.Remove(f.Name()) == nil}, nil
}

func (t *tempFile) close() error {
	err := t.file.Close()
	if !t.removed { // Windows does not remove an open file
		err = errors.Join(err, os.Remove(t.file.Name()))
	}
	return err
}

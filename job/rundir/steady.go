package rundir

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// steady reads a regular file, and ends with an error in place of io.EOF if the file changed meanwhile. A file that
// another program cuts off or still writes would be taken for a whole one.
type steady struct {
	f      *os.File
	opened os.FileInfo
}

// newSteady returns a reader of f, which was just opened. Its error is a *[UsageError].
func newSteady(f *os.File) (*steady, error) {
	opened, err := f.Stat()
	if err != nil {
		return nil, &UsageError{Err: err}
	}
	return &steady{f: f, opened: opened}, nil
}

// Read implements io.Reader.
func (s *steady) Read(p []byte) (int, error) {
	n, err := s.f.Read(p)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	now, problem := s.f.Stat()
	if problem != nil {
		return n, problem
	}
	was, is := s.opened.Size(), now.Size()
	switch {
	case is < was:
		return n, fmt.Errorf("another program cut it off from %d to %d bytes while it was read; "+
			"wait until that program is done, and give the command again", was, is)
	case is != was || !now.ModTime().Equal(s.opened.ModTime()):
		return n, errors.New("another program changed it while it was read; " +
			"wait until that program is done, and give the command again")
	}
	return n, err
}

// ReadAt implements io.ReaderAt, and Seek io.Seeker: a workbook is read in place. The end of a workbook tells where its
// parts are, so one that is cut off cannot be read.
func (s *steady) ReadAt(p []byte, at int64) (int, error) { return s.f.ReadAt(p, at) }

func (s *steady) Seek(offset int64, whence int) (int64, error) { return s.f.Seek(offset, whence) }

package rundir

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// steady reads a regular file. It ends with an error in place of io.EOF if the file changed meanwhile. Without that, a
// file that another program still writes, or cuts off, would look complete.
type steady struct {
	f      *os.File
	opened os.FileInfo
}

// newSteady returns a reader of f, which was just opened. The error is a *[UsageError].
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

// ReadAt implements io.ReaderAt, and Seek io.Seeker, because a workbook is read in place. They need no check: the end
// of a workbook says where its parts are, so a workbook that is cut off cannot be read.
func (s *steady) ReadAt(p []byte, at int64) (int, error) { return s.f.ReadAt(p, at) }

func (s *steady) Seek(offset int64, whence int) (int64, error) { return s.f.Seek(offset, whence) }

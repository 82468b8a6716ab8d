package xlsx

import (
	"io"
	"os"
)

// Source is the bytes of a workbook. It can be read at any offset, because a workbook lists its parts at its end.
type Source struct {
	io.ReaderAt

	size int64
	file *tempFile // the copy, or nil
}

// InPlace returns the rest of r as a Source, or nil if r cannot be read at any offset, such as a pipe. Call it before
// reading from r.
func InPlace(r io.Reader) *Source {
	s, ok := r.(interface {
		io.ReaderAt
		io.Seeker
	})
	if !ok {
		return nil
	}
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
			return nil
		}
	}
	at, err := s.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil
	}
	end, err := s.Seek(0, io.SeekEnd)
	if _, back := s.Seek(at, io.SeekStart); back != nil || err != nil || end < at {
		return nil
	}
	return &Source{ReaderAt: io.NewSectionReader(s, at, end-at), size: end - at}
}

// Copy copies r to a temporary file, mode 0600, which Close removes. dir is its folder; "" is the system's.
func Copy(r io.Reader, dir string) (*Source, error) {
	file, err := newTempFile(dir)
	if err != nil {
		return nil, err
	}
	size, err := io.Copy(file.file, r)
	if err != nil {
		_ = file.close()
		return nil, err
	}
	return &Source{ReaderAt: file.file, size: size, file: file}, nil
}

// Close removes the copy, if there is one.
func (s *Source) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.close()
}

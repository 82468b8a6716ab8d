package csvio

import (
	"io"
	"os"
)

// anywhere is what a workbook must be: its contents are listed at its end.
type anywhere struct {
	io.ReaderAt

	size int64
	file *scratch // what was copied, or nil
}

func (a *anywhere) close() error {
	if a.file == nil {
		return nil
	}
	return a.file.close()
}

// placeIn gives the rest of r as it can be read anywhere, or nil where it
// cannot, as with a pipe. It is to be asked before r is read.
func placeIn(r io.Reader) *anywhere {
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
	return &anywhere{ReaderAt: io.NewSectionReader(s, at, end-at), size: end - at}
}

// copyOf copies what cannot be read anywhere into a file where it can.
func copyOf(r io.Reader, dir string) (*anywhere, error) {
	file, err := newScratch(dir)
	if err != nil {
		return nil, err
	}
	size, err := io.Copy(file.file, r)
	if err != nil {
		_ = file.close()
		return nil, err
	}
	return &anywhere{ReaderAt: file.file, size: size, file: file}, nil
}

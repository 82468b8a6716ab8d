package job

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
)

// wholeFile is a file that appears under its name whole or not at all: it is written beside its place, synced and renamed. The library for this (renameio) has no
// streaming writer on Windows, where os.Rename replaces a file as well.
type wholeFile struct {
	*bufio.Writer

	f    *os.File
	path string
}

// createWhole begins the file at path, readable by its owner only.
func createWhole(path string) (*wholeFile, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp") // CreateTemp makes it 0600
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", path, err)
	}
	return &wholeFile{bufio.NewWriterSize(f, 1<<16), f, path}, nil
}

// commit makes the file appear.
func (w *wholeFile) commit() error {
	err := w.Flush()
	if err == nil {
		err = w.f.Sync() // a rename that reaches the disk before the data would leave an empty file after a power cut
	}
	if e := w.f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(w.f.Name(), w.path)
	}
	if err != nil {
		_ = os.Remove(w.f.Name())
		return fmt.Errorf("write %s: %w", w.path, err)
	}
	return syncFolder(filepath.Dir(w.path))
}

// discard drops the file, unless it was committed.
func (w *wholeFile) discard() {
	_ = w.f.Close()
	_ = os.Remove(w.f.Name())
}

// syncFolder makes a rename last through a power cut, where the system can do that.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	_ = d.Sync() // Windows and some network file systems cannot: the file itself is already safe
	return nil
}

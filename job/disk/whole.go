package disk

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Whole is a file that appears under its name whole or not at all: it is written beside its place, synced and renamed. The library for this (renameio) has no
// streaming writer on Windows, where os.Rename replaces a file as well.
type Whole struct {
	*bufio.Writer

	f    *os.File
	path string
}

// CreateWhole begins the file at path, readable by its owner only.
func CreateWhole(path string) (*Whole, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp") // CreateTemp makes it 0600
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", path, err)
	}
	return &Whole{bufio.NewWriterSize(f, 1<<16), f, path}, nil
}

// Commit makes the file appear.
func (w *Whole) Commit() error {
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
	return SyncFolder(filepath.Dir(w.path))
}

// Discard drops the file, unless it was committed.
func (w *Whole) Discard() {
	_ = w.f.Close()
	_ = os.Remove(w.f.Name())
}

// SyncFolder makes a rename last through a power cut, where the system can do that.
func SyncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	_ = d.Sync() // Windows and some network file systems cannot: the file itself is already safe
	return nil
}

// SweepWhole removes what killed processes left half written beside the file at path. Whoever calls it holds what keeps others from writing there.
func SweepWhole(path string) {
	left, err := os.ReadDir(filepath.Dir(path))
	if path == "" || err != nil {
		return
	}
	for _, f := range left {
		if name := f.Name(); strings.HasPrefix(name, "."+filepath.Base(path)+".") && strings.HasSuffix(name, ".tmp") && f.Type().IsRegular() {
			_ = os.Remove(filepath.Join(filepath.Dir(path), name))
		}
	}
}

package rundir

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Whole is a file that appears under its name whole or not at all. It is written to a temporary file in the same
// folder, forced to disk and renamed. The library for this (renameio) has no streaming writer on Windows, although
// os.Rename replaces a file there too.
type Whole struct {
	*bufio.Writer

	f    *os.File
	path string
}

// CreateWhole begins the file at path. Only its owner can read it. The caller calls Commit, and always Discard.
func CreateWhole(path string) (*Whole, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp") // CreateTemp makes it 0600
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", path, err)
	}
	return &Whole{bufio.NewWriterSize(f, 1<<16), f, path}, nil
}

// Commit renames the file to its path, and replaces the file there. An error leaves that file as it is.
func (w *Whole) Commit() error {
	err := w.Flush()
	if err == nil {
		err = w.f.Sync() // without it a power cut after the rename could leave an empty file
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

// Discard removes the temporary file. After Commit it does nothing.
func (w *Whole) Discard() {
	_ = w.f.Close()
	_ = os.Remove(w.f.Name())
}

// SyncFolder forces the renames in a folder to disk, if the system can do that.
func SyncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	_ = d.Sync() // Windows and some network file systems cannot do it; the file's data is already on disk
	return nil
}

// SweepWhole removes the temporary files that killed processes left for the file at path. The caller must hold the
// lock that keeps other processes from writing there.
func SweepWhole(path string) {
	left, err := os.ReadDir(filepath.Dir(path))
	if path == "" || err != nil {
		return
	}
	for _, f := range left {
		name := f.Name()
		temporary := strings.HasPrefix(name, "."+filepath.Base(path)+".") && strings.HasSuffix(name, ".tmp")
		if temporary && f.Type().IsRegular() {
			_ = os.Remove(filepath.Join(filepath.Dir(path), name))
		}
	}
}

// Package whole writes files that appear under their names whole or not at all. It also tells whether two names are one
// file.
package whole

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// File is a file that appears under its name whole or not at all. It is written to a temporary file in the same
// folder, forced to disk and renamed. The library for this (renameio) does not do it on Windows, although os.Rename
// replaces a file there too.
type File struct {
	*bufio.Writer

	f     *os.File
	path  string
	keeps bool // the new file gets the mode, owner and group of the file that it replaces
}

// Create begins the file at path for the user. Only its owner can read a new file. A file that replaces another one
// keeps its mode, and its owner and group if the system allows that. The caller calls Commit, and always Discard.
func Create(path string) (*File, error) { return create(path, true) }

// CreatePrivate begins a file of rolecall's own. Only its owner can read it, also if others could read the file that
// it replaces. The caller calls Commit, and always Discard.
func CreatePrivate(path string) (*File, error) { return create(path, false) }

func create(path string, keeps bool) (*File, error) {
	f, err := os.CreateTemp(filepath.Dir(path), temporary(path)) // CreateTemp makes it 0600
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", path, err)
	}
	use(f)
	return &File{bufio.NewWriterSize(f, 1<<16), f, path, keeps}, nil
}

// WriteFile writes a file of rolecall's own, whole or not at all. Only its owner can read it.
func WriteFile(path string, data []byte) error {
	w, err := CreatePrivate(path)
	if err != nil {
		return err
	}
	defer w.Discard()
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return w.Commit()
}

// Commit renames the file to its path, and replaces the file there. After an error, that file is as before. The error
// is a *[HeldError] if another program has that file open for longer than two seconds.
func (w *File) Commit() error {
	err := w.Flush()
	if err == nil && w.keeps {
		keep(w.f, w.path)
	}
	if err == nil {
		err = w.f.Sync() // without it a power cut after the rename could leave an empty file
	}
	if e := w.f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = Rename(w.f.Name(), w.path)
	}
	if err != nil {
		_ = os.Remove(w.f.Name())
		if _, ok := errors.AsType[*HeldError](err); ok {
			return err
		}
		return fmt.Errorf("write %s: %w", w.path, err)
	}
	return SyncFolder(filepath.Dir(w.path))
}

// Discard removes the temporary file. After Commit it does nothing.
func (w *File) Discard() {
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

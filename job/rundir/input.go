package rundir

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
)

// Input is the facts about the input that run.db stores. With them and the settings of the run, the copy of the input
// can be read again.
type Input struct {
	Name    string `json:"name"`             // the name that the user gave
	Path    string `json:"path,omitempty"`   // the absolute path of the user's file; "": there is no file
	File    string `json:"file"`             // the name of the copy in the run's folder; "": there is no input
	SHA256  string `json:"sha256"`           // the hash of the copy, in hexadecimal
	Dialect string `json:"dialect"`          // encoding and delimiter, in words
	Rows    int64  `json:"rows,omitempty"`   // the rows that were surveyed, and the hidden ones that were left out
	Hidden  int64  `json:"hidden,omitempty"` // how many of Rows the sheet of a workbook does not show
}

// KeptInput copies the input into the run's folder, byte for byte, while the survey reads it. A workbook can only be
// read as a whole, so Keep copies it first, and the survey reads the copy.
type KeptInput struct {
	io.Reader // what the survey reads

	source io.Reader
	copy   *os.File
	sum    hash.Hash
	facts  Input
	Failed error // why the copy could not be written, or nil
}

// Write appends bytes of the input to the copy. It stores an error in Failed, because the input is not at fault.
func (k *KeptInput) Write(b []byte) (int, error) {
	n, err := k.copy.Write(b)
	if err != nil {
		k.Failed = fmt.Errorf("keep a copy of the input: %w", err)
		return n, k.Failed
	}
	return k.sum.Write(b)
}

// The first bytes of a gzip file (RFC 1952, 2.3.1), and of a workbook, which is a ZIP archive (PKWARE's APPNOTE.TXT,
// 4.3.7).
var (
	gzipMagic = []byte{0x1f, 0x8b}
	zipMagic  = []byte("PK\x03\x04")
)

// Keep returns a reader of r that copies what it reads into the folder f. name is the input's name for people. The
// caller calls Finish, and always Close. The error is a *[UsageError] if a workbook cannot be read.
func Keep(f *Dir, name string, r io.Reader) (*KeptInput, error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	head, _ := buffered.Peek(len(zipMagic)) // the first read returns the same error
	workbook := bytes.Equal(head, zipMagic)
	file := "input.csv"
	switch {
	case workbook:
		file = "input.xlsx"
	case bytes.HasPrefix(head, gzipMagic):
		file += ".gz"
	case bytes.HasPrefix(bytes.TrimLeft(head, "\ufeff \t\r\n"), []byte("{")):
		file = "input.jsonl" // only a name: the reader detects the format itself
	case bytes.HasPrefix(bytes.TrimLeft(head, "\ufeff \t\r\n"), []byte("[")):
		file = "input.json"
	}
	out, err := os.OpenFile(f.File(file), os.O_CREATE|os.O_RDWR|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keep the input: %w", err)
	}
	k := &KeptInput{copy: out, sum: sha256.New(), facts: Input{Name: name, File: file}}
	k.source = io.TeeReader(buffered, k)
	k.Reader = k.source
	if workbook {
		err = k.copyFirst()
	}
	if err != nil {
		k.Close()
		return nil, err
	}
	return k, nil
}

// copyFirst copies the whole input. The survey then reads the copy.
func (k *KeptInput) copyFirst() error {
	_, err := io.Copy(io.Discard, k.source)
	if err == nil {
		_, err = k.copy.Seek(0, io.SeekStart)
		k.Failed = err
	}
	if k.Failed != nil {
		return k.Failed
	}
	k.Reader = k.copy
	if err != nil {
		return &UsageError{Err: fmt.Errorf("read the workbook to its end: %w", err)}
	}
	return nil
}

// Close closes the copy, whole or not. It may be called after Finish.
func (k *KeptInput) Close() { _ = k.copy.Close() }

// Finish copies the rest of the input, forces the copy to disk, closes it and returns its facts. The error is a
// *[UsageError] if the rest of the input cannot be read.
func (k *KeptInput) Finish(dialect fmt.Stringer) (Input, error) {
	_, err := io.Copy(io.Discard, k.source)
	if err != nil && k.Failed == nil {
		return Input{}, &UsageError{Err: fmt.Errorf("%s: read the rest of the input: %w", k.facts.Name, err)}
	}
	if err == nil {
		err = k.copy.Sync()
	}
	if e := k.copy.Close(); err == nil {
		err = e
	}
	if err != nil {
		return Input{}, fmt.Errorf("keep the input: %w", err)
	}
	k.facts.Dialect = dialect.String()
	k.facts.SHA256 = hex.EncodeToString(k.sum.Sum(nil))
	return k.facts, nil
}

// Check checks that the copy in the folder f is still the input that was surveyed, because the results are made from
// the copy. The error is a *[UsageError].
func (i Input) Check(f *Dir) error {
	in, err := os.Open(f.File(i.File))
	if err != nil {
		return &UsageError{
			Err: fmt.Errorf("the run's copy of its input is gone, so its results cannot be made: %w", err),
		}
	}
	defer func() { _ = in.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, in); err != nil {
		return &UsageError{Err: fmt.Errorf("read the run's copy of its input: %w", err)}
	}
	if hex.EncodeToString(sum.Sum(nil)) != i.SHA256 {
		return usagef("%s is no longer the input that the run began with: put back the file with the SHA-256 %s",
			f.File(i.File), i.SHA256)
	}
	return nil
}

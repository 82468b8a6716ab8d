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

// Input is what run.db says of the input. With the settings it is enough to read the kept copy again as it was surveyed.
type Input struct {
	Name    string `json:"name"` // as the user called it
	File    string `json:"file"` // in the run's folder
	SHA256  string `json:"sha256"`
	Dialect string `json:"dialect"` // in words
}

// KeptInput copies the input into the run's folder, byte for byte, while it is being read. A workbook can only be read as a whole: its copy is made first, and read.
type KeptInput struct {
	io.Reader // what the survey reads

	source io.Reader
	copy   *os.File
	sum    hash.Hash
	facts  Input
	Failed error // to write the copy
}

// Write keeps what was read, and remembers when that fails: it is no fault of the input's.
func (k *KeptInput) Write(b []byte) (int, error) {
	n, err := k.copy.Write(b)
	if err != nil {
		k.Failed = fmt.Errorf("keep a copy of the input: %w", err)
		return n, k.Failed
	}
	return k.sum.Write(b)
}

// The first bytes of a gzip file (RFC 1952, 2.3.1) and of a workbook, which is a ZIP archive (PKWARE's APPNOTE.TXT, 4.3.7).
var (
	gzipMagic = []byte{0x1f, 0x8b}
	zipMagic  = []byte("PK\x03\x04")
)

// Keep begins to copy the input called name.
func Keep(f *Dir, name string, r io.Reader) (*KeptInput, error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	head, _ := buffered.Peek(len(zipMagic)) // an error here comes again with the first read
	workbook := bytes.Equal(head, zipMagic)
	file := "input.csv"
	switch {
	case workbook:
		file = "input.xlsx"
	case bytes.HasPrefix(head, gzipMagic):
		file += ".gz"
	case bytes.HasPrefix(bytes.TrimLeft(head, "\ufeff \t\r\n"), []byte("{")): // a name only: what it is, is found out when it is read
		file = "input.jsonl"
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

// copyFirst makes the copy, which is then what the survey reads.
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

// Close closes the copy, whole or not.
func (k *KeptInput) Close() { _ = k.copy.Close() }

// Finish copies what was not read, closes the copy and returns its facts.
func (k *KeptInput) Finish(dialect fmt.Stringer) (Input, error) {
	_, err := io.Copy(io.Discard, k.source)
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

// Check looks at whether the kept copy is still the input that was surveyed: without it no results can be made.
func (i Input) Check(f *Dir) error {
	in, err := os.Open(f.File(i.File))
	if err != nil {
		return &UsageError{Err: fmt.Errorf("the run's copy of its input is gone, so its results cannot be made: %w", err)}
	}
	defer func() { _ = in.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, in); err != nil {
		return &UsageError{Err: fmt.Errorf("read the run's copy of its input: %w", err)}
	}
	if hex.EncodeToString(sum.Sum(nil)) != i.SHA256 {
		return usagef("%s is not the input that the run began with any more: put back the file with the SHA-256 %s", f.File(i.File), i.SHA256)
	}
	return nil
}

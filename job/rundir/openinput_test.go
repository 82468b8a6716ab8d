package rundir

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rolecall/csvio"
)

// Reading a file fails if the file changes meanwhile, in whatever way.
func TestAFileThatChangesIsNoticed(t *testing.T) {
	t.Parallel()
	text := "deal_id,contact_id,role\n" + strings.Repeat("1,2,Purchasing\n", 20_000)
	cut := func(size int64) func(string) error { return func(path string) error { return os.Truncate(path, size) } }
	write := func(text string) func(string) error {
		return func(path string) error { // without a moment in which the file is empty
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteString(text)
			return errors.Join(err, f.Close())
		}
	}
	touch := func(path string) error { return os.Chtimes(path, time.Time{}, time.Unix(1, 0)) }
	for name, tt := range map[string]struct {
		change func(path string) error
		says   string
	}{
		"it shrinks":     {cut(200_000), "cut it off from 300024 to 200000 bytes"},
		"it is emptied":  {cut(0), "cut it off from 300024 to 0 bytes"},
		"it grows":       {write(text + "3,4,"), "another program changed it"},
		"it is replaced": {write(strings.ReplaceAll(text, "2", "3")), "another program changed it"},
		"its time alone": {touch, "another program changed it"},
	} {
		for _, stdin := range []bool{false, true} {
			path := filepath.Join(t.TempDir(), "rows.csv")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			err := readWhile(t, path, stdin, tt.change)
			problem, ok := errors.AsType[*csvio.FileError](err)
			if !ok || problem.Line == 0 || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%s, stdin %v: %v, want %q", name, stdin, err, tt.says)
			}
			if err := readWhile(t, path, stdin, func(string) error { return nil }); !errors.Is(err, io.EOF) {
				t.Errorf("%s, stdin %v, then left alone: %v", name, stdin, err)
			}
		}
	}
}

// readWhile reads a table to its end, with a change after its first row.
func readWhile(t *testing.T, path string, stdin bool, change func(path string) error) error {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	name := path
	if stdin {
		name = "-"
	}
	in, closeIn, err := OpenInput(t.Context(), name, f)
	if err != nil {
		t.Fatal(err)
	}
	defer closeIn()
	table, err := csvio.NewReader(in, csvio.Options{Name: "rows.csv"})
	if err != nil {
		return err
	}
	if err := change(path); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = table.Read()
	}
	return err
}

// A change in the rest of an input, after the last row that the run reads, is noticed too.
func TestTheRestOfAnInputThatShrinksIsNoticed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "rows.csv")
	if err := os.WriteFile(path, bytes.Repeat([]byte("1,2,Purchasing\n"), 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	in, closeIn, err := OpenInput(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer closeIn()
	folder, err := New(filepath.Join(dir, "run"), "run")
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Discard()
	kept, err := Keep(folder, "rows.csv", in)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if err := os.Truncate(path, 500_000); err != nil {
		t.Fatal(err)
	}
	_, err = kept.Finish(csvio.Dialect{})
	if _, ok := errors.AsType[*UsageError](err); !ok || !strings.Contains(err.Error(), "rows.csv: ") ||
		!strings.Contains(err.Error(), "from 1500000 to 500000 bytes") {
		t.Errorf("%v", err)
	}
}

// Only an empty stdin or pipe is an error, because a failed command sends an empty input.
func TestNoInput(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "empty.csv")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{path: false, "-": true, os.DevNull: true} {
		in, closeIn, err := OpenInput(t.Context(), name, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		closeIn()
		if err := NoInput(name, in); (err != nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

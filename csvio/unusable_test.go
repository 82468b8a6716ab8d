package csvio

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestUnusableRest(t *testing.T) {
	t.Parallel()
	lines := func(n int) string { return strings.Repeat("x\n", n) }
	tests := map[string]struct {
		text string
		rows int // rows before the error
		line int
		says string
	}{
		"unclosed quote": {
			head + "1,2,a\n3,\"4,b\n5,6,c\n",
			1,
			3,
			"quote that opens here is not closed up to the end",
		},
		"unclosed on a later line": {
			head + "1,2,\"a\nb\"\n3,\"4\n4\",\"b\n",
			1,
			5,
			"quote that opens here is not closed up to the end",
		},
		"unclosed in many lines": {
			head + "1,2,a\n1,2,\"" + lines(200_000), 1, 3, "not closed up to the end",
		},
		"unclosed in 16 MiB": {
			head + "1,2,\"" + strings.Repeat("x", maxTextBytes+1), 0, 2, "longer than 16 MiB",
		},
		"unclosed in 16 MiB, lines": {
			head + "1,2,\"\n" + strings.Repeat("x", maxTextBytes+1), 0, 2, "not closed within 16 MiB",
		},
		"long line": {
			head + "1,2,a\n\n3,4," + strings.Repeat("x", maxTextBytes+1) + "\n5,6,c\n", 1, 4, "longer than 16 MiB",
		},
		"long line of many cells": {
			head + "\"1\"," + strings.Repeat("x,", maxTextBytes/2), 0, 2, "longer than 16 MiB",
		},
		"not UTF-8":              {head + "1,2,a\n3,4,M\xfcller\n5,6,c\n", 1, 3, "--encoding"},
		"not UTF-8 in two lines": {head + "1,2,\"a\nM\xfcller\"\n", 0, 3, "--encoding"},
		"cut in a character":     {head + "1,2,a\n3,4,\xc3", 1, 3, "--encoding"},
		"surrogate in UTF-8":     {head + "1,2,a\n3,4,\xed\xa0\x80\n", 1, 3, "--encoding"},
		"NUL":                    {head + "1,2,a\n3,4,\x00b\n", 1, 3, "NUL byte here, so this is not a text file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problem, rows := fileError(
				t,
				tt.text,
				Options{Name: "deals.csv", Vocabulary: Stakeholders(), Needs: triple()},
			)
			if len(rows) != tt.rows || problem.Line != tt.line {
				t.Errorf(
					"%d rows, line %d, want %d rows, line %d (%v)",
					len(rows),
					problem.Line,
					tt.rows,
					tt.line,
					problem,
				)
			}
			if got := problem.Error(); !strings.Contains(got, tt.says) ||
				!strings.HasPrefix(got, fmt.Sprintf("deals.csv:%d: ", tt.line)) {
				t.Errorf("message %q, want it to say %q", got, tt.says)
			}
		})
	}
}

// A table that is just within the limits is read.
func TestLimitsAreReachable(t *testing.T) {
	t.Parallel()
	for name, cell := range map[string]string{
		"100,000 lines":    strings.Repeat("x\n", 100_000),
		"1 MiB":            strings.Repeat("x", maxRecordBytes-len(`1,2,""`)),
		"1 MiB of quotes":  strings.Repeat(`""`, (maxRecordBytes-len(`1,2,""`))/2),
		"1 MiB in pieces ": strings.Repeat("xxxxxxx\t", 10_000),
	} {
		rows := rowsOf(t, head+`1,2,"`+cell+"\"\n3,4,b\n", Options{Needs: triple()})
		if len(rows) != 2 || rows[0].Malformed != nil || rows[0].Role != strings.ReplaceAll(cell, `""`, `"`) {
			t.Errorf("%s: %d rows", name, len(rows))
		}
	}
	rows := rowsOf(
		t,
		head+"1,2,"+strings.Repeat("x", maxRecordBytes-len(`1,2,`))+"\r\n3,4,b",
		Options{Vocabulary: Stakeholders(), Needs: triple()},
	)
	if len(rows) != 2 {
		t.Errorf("1 MiB without quotes: %d rows", len(rows))
	}
}

func TestUnusableFromTheStart(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		o    Options
		says []string
	}{
		"XLSX":             {"PK\x03\x04\x14\x00", Options{}, []string{"XLSX", "CSV UTF-8"}},
		"XLS":              {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Options{}, []string{"XLS", "CSV UTF-8"}},
		"UTF-16, no mark":  {"d\x00e\x00a\x00l\x00", Options{}, []string{"NUL", "--encoding utf-16le"}},
		"windows-1252":     {"deal_id,contact_id,r\xf4le\n", Options{}, []string{"not valid UTF-8", "--encoding"}},
		"unknown encoding": {head, Options{Encoding: "klingon"}, []string{`--encoding "klingon"`, "windows-1252"}},
		"no decoding":      {head, Options{Encoding: "iso-2022-kr"}, []string{`--encoding "iso-2022-kr"`}},
		"wrong encoding": {
			"deal_id,contact_id,r\xff\n",
			Options{Encoding: "utf-8"},
			[]string{"not valid UTF-8", "--encoding"},
		},
		"half a UTF-16":     {"\xff\xfed\x00e", Options{}, []string{"not valid utf-16le"}},
		"lone surrogate":    {"\xff\xfed\x00\x00\xd8e\x00", Options{}, []string{"not valid utf-16le"}},
		"no gzip":           {"\x1f\x8bhello world", Options{}, []string{"gzip"}},
		"quote as divider":  {head, Options{Delimiter: '"'}, []string{"--delimiter"}},
		"stray in header":   {"deal_id,\"contact\"_id,role\n1,2,3\n", Options{}, []string{"header", strayAfter}},
		"unclosed header":   {"deal_id,\"contact_id,role\n1,2,3\n", Options{}, []string{"quote that opens here"}},
		"lone quote header": {"\"", Options{}, []string{"quote that opens here"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.o.Name, tt.o.Vocabulary, tt.o.Needs = "x.csv", Stakeholders(), triple()
			_, err := NewReader(strings.NewReader(tt.text), tt.o)
			if _, ok := errors.AsType[*FileError](err); !ok {
				t.Fatalf("error %v, want a *FileError", err)
			}
			for _, part := range append(tt.says, "x.csv") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("message %q, want it to say %q", err, part)
				}
			}
		})
	}
}

func TestCutOffArchive(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for i := range 10_000 {
		if i == 0 {
			fmt.Fprint(z, head)
		}
		fmt.Fprintf(z, "%d,%d,a\n", i*7919, i*104729)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(
		bytes.NewReader(packed.Bytes()[:packed.Len()-4096]),
		Options{Name: "d.csv.gz", Vocabulary: Stakeholders(), Needs: triple()},
	)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := readAll(r)
	var problem *FileError
	if !errors.As(err, &problem) || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("error %v, want a *FileError about a cut off archive", err)
	}
	if len(rows) == 0 {
		t.Error("the rows before the cut are not given")
	}
}

func TestReadErrorIsKept(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk on fire")
	r, err := NewReader(
		io.MultiReader(strings.NewReader(head+"1,2,a\n3,4"), iotest.ErrReader(cause)),
		Options{Vocabulary: Stakeholders(), Needs: triple()},
	)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := readAll(r)
	if len(rows) != 1 || !errors.Is(err, cause) {
		t.Errorf("%d rows and error %v, want 1 row and the cause", len(rows), err)
	}
	if _, again := r.Read(); !errors.Is(again, cause) {
		t.Errorf("then %v, want the same error again", again)
	}
}

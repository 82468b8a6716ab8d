package csvio

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestBlankRecordsAreNoRows compares which records the splitter skips with the cells that encoding/csv finds in them.
func TestBlankRecordsAreNoRows(t *testing.T) {
	t.Parallel()
	cells := rapid.SampledFrom([]string{
		"", "", `""`, `""`, `""""`, `","`, `",,"`, "\"\n\"", `"a"`, "a", " ", "\u00a0", "\u200b", `" "`, ` "" `, "é", "1",
	})
	rapid.Check(t, func(t *rapid.T) {
		delimiter := rapid.SampledFrom([]rune{',', ' ', '\t', 'é', 'a', '1'}).Draw(t, "delimiter")
		raw := strings.Join(rapid.SliceOfN(cells, 1, 4).Draw(t, "cells"), string(delimiter))
		s := newSplitter(strings.NewReader(raw), nil)
		s.delimiter = []byte(string(delimiter))
		end, err := s.breakAfter(0)
		if err != nil || end == 0 {
			return
		}
		rec, err := s.recordTo(end)
		if err != nil {
			return
		}
		filled := rec.stray != "" || slices.ContainsFunc(looseCells(rec.text(), delimiter), func(cell string) bool {
			return strings.Trim(cell, " \u00a0\u200b\t\n") != ""
		})
		if got := rec.isBlank(s.delimiter); got == filled {
			t.Fatalf("%q under %q: blank is %v", raw, delimiter, got)
		}
	})
}

// The reader skips any number of rows of white space, in the memory of one row.
func TestBlankRowsOfAllKinds(t *testing.T) {
	t.Parallel()
	r := reader(t, head+strings.Repeat(",,\n,\n \t\n\"\",\" \n\"\n", 20_000)+"1,2,a\n,,\n", Options{Needs: triple()})
	rec, err := r.Read()
	if err != nil || rec.Row != 1 || rec.Line != 100_002 {
		t.Fatalf("%+v, %v", rec, err)
	}
	if _, err := r.Read(); !errors.Is(err, io.EOF) {
		t.Errorf("then %v, want the end", err)
	}
	if len(r.split.buf) > 4*blockSize+2*sampleBytes {
		t.Errorf("the text buffer has grown to %d bytes", len(r.split.buf))
	}
}

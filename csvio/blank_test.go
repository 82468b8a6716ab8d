package csvio

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestIsBlank compares what isBlank finds in the bytes of a record with the record's cells.
func TestIsBlank(t *testing.T) {
	t.Parallel()
	cells := rapid.SampledFrom(
		[]string{"", "", `""`, `""`, `""`, `""""`, `","`, `",,"`, "\"\n\"", `"a"`, "a", " ", "é"},
	)
	rapid.Check(t, func(t *rapid.T) {
		delimiter := rapid.SampledFrom([]rune{',', ' ', 'é', 'a'}).Draw(t, "delimiter")
		raw := strings.Join(rapid.SliceOfN(cells, 1, 4).Draw(t, "cells"), string(delimiter))
		s := newSplitter(strings.NewReader(raw), nil)
		s.delimiter = []byte(string(delimiter))
		rec, err := s.next()
		if err != nil {
			return // an empty line
		}
		filled := slices.ContainsFunc(looseCells(rec.raw, delimiter), func(cell string) bool { return cell != "" })
		if got, want := isBlank(rec, s.delimiter), rec.stray == "" && !filled; got != want {
			t.Fatalf("%q under %q: blank is %v, want %v", raw, delimiter, got, want)
		}
	})
}

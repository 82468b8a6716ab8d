package csvio

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Format is how a table is written.
type Format string

// The formats that tables are written in, and recognised in.
const (
	FormatCSV   Format = "csv"   // RFC 4180: UTF-8, comma, LF
	FormatJSONL Format = "jsonl" // JSON Lines: one object a line
	FormatXLSX  Format = "xlsx"  // ISO/IEC 29500: the workbook of Excel 2007 and later
)

// ParseFormat gives the format of that name, whatever its case.
func ParseFormat(name string) (Format, error) {
	switch f := Format(strings.ToLower(strings.TrimSpace(name))); f {
	case FormatCSV, FormatJSONL, FormatXLSX:
		return f, nil
	}
	return "", fmt.Errorf("%s is no format of a table: give %s, %s or %s", shown(name), FormatCSV, FormatJSONL, FormatXLSX)
}

// FormatOf gives the format that a file's name asks for by its ending, and
// whether it asks for one that is known.
func FormatOf(fileName string) (Format, bool) {
	switch strings.ToLower(filepath.Ext(fileName)) {
	case ".csv":
		return FormatCSV, true
	case ".jsonl", ".ndjson":
		return FormatJSONL, true
	case ".xlsx":
		return FormatXLSX, true
	}
	return "", false
}

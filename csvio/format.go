package csvio

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Format is a file format of tables.
type Format string

// The formats that rolecall reads and writes.
const (
	FormatCSV   Format = "csv"   // RFC 4180: UTF-8, comma, LF
	FormatJSONL Format = "jsonl" // JSON Lines: one object a line
	FormatXLSX  Format = "xlsx"  // ISO/IEC 29500: the workbook of Excel 2007 and later
)

// ParseFormat returns the format of that name. Case does not count.
func ParseFormat(name string) (Format, error) {
	switch f := Format(strings.ToLower(strings.TrimSpace(name))); f {
	case FormatCSV, FormatJSONL, FormatXLSX:
		return f, nil
	}
	return "", fmt.Errorf("%s is no format of a table: give %s, %s or %s",
		shown(name), FormatCSV, FormatJSONL, FormatXLSX)
}

// FormatOf returns the format that the ending of a file's name stands for, and whether the ending is known.
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

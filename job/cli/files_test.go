package cli_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// cmdMode is: mode PATTERN... It prints the permissions of the files that fit, of which there must be some.
func cmdMode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: mode PATTERN...")
	}
	for _, pattern := range args {
		found, err := filepath.Glob(ts.MkAbs(pattern))
		ts.Check(err)
		if len(found) == 0 {
			ts.Fatalf("no file fits %s", pattern)
		}
		for _, path := range found {
			info, err := os.Stat(path)
			ts.Check(err)
			fmt.Fprintf(ts.Stdout(), "%04o %s\n", info.Mode().Perm(), filepath.Base(path))
		}
	}
}

// cmdList is: list PATTERN... It prints the files that fit, a name each.
func cmdList(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: list PATTERN...")
	}
	out := ts.Stdout() // taken also when nothing is printed: else the output of the command before would stay
	for _, pattern := range args {
		found, err := filepath.Glob(ts.MkAbs(pattern))
		ts.Check(err)
		for _, path := range found {
			if filepath.Base(path) != ".tmp" { // the script's own
				fmt.Fprintln(out, filepath.Base(path))
			}
		}
	}
}

// cmdTaken is: taken PREFIX [SUFFIX]. It makes the folders that a run of the next minute would be called: PREFIX-<UTC
// time>SUFFIX.
func cmdTaken(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: taken PREFIX [SUFFIX]")
	}
	now := time.Now().UTC()
	for s := range time.Minute / time.Second {
		name := args[0] + "-" + now.Add(s*time.Second).Format("20060102T150405Z") + strings.Join(args[1:], "")
		ts.Check(os.Mkdir(ts.MkAbs(name), 0o700))
	}
}

// cmdConvert is: convert gzip|windows-1252|utf-16le|utf-16be|crlf|bom|half FROM TO.
func cmdConvert(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: convert FORM FROM TO")
	}
	text := []byte(ts.ReadFile(args[1]))
	var out []byte
	var err error
	switch args[0] {
	case "gzip":
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err = z.Write(text)
		ts.Check(err)
		err = z.Close()
		out = b.Bytes()
	case "half":
		out = text[:len(text)/2]
	case "windows-1252":
		out, err = charmap.Windows1252.NewEncoder().Bytes(text)
	case "utf-16le":
		out, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes(text)
	case "utf-16be":
		out, err = unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().Bytes(text)
	case "crlf":
		out = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	case "xlsx":
		out, err = asWorkbook(args[1], text)
	case "bom":
		out = append([]byte("\uFEFF"), text...)
	default:
		ts.Fatalf("unknown form %s", args[0])
	}
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), out, 0o600))
}

// asWorkbook is a CSV file as a workbook, on a sheet called as the file, behind a hidden one. A cell "number:1" is a
// number there, all others are text.
func asWorkbook(name string, text []byte) ([]byte, error) {
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	f := excelize.NewFile()
	at, err := f.NewSheet(name)
	f.SetActiveSheet(at) // the active one cannot be hidden
	err = errors.Join(err, f.SetSheetVisible("Sheet1", false))
	for i, row := range rows {
		for j, cell := range row {
			place, e := excelize.CoordinatesToCellName(j+1, i+1)
			var value any = cell
			if digits, isNumber := strings.CutPrefix(cell, "number:"); isNumber {
				n, e := strconv.ParseInt(digits, 10, 64)
				err, value = errors.Join(err, e), n
			}
			err = errors.Join(err, e, f.SetCellValue(name, place, value))
		}
	}
	b, e := f.WriteToBuffer()
	if err = errors.Join(err, e); err != nil {
		return nil, err
	}
	return b.Bytes(), f.Close()
}

// cmdSecretless is: secretless. No client secret, refresh token or access token may stand in the last command's output,
// nor in any file of the script but the token cache. Nor may a code, or a refresh token that came for one. The folder
// vault is where a script keeps its secrets, and the folder secrets where rolecall does. Where tokens were used the
// cache must hold one: what is looked for is what would be there.
func cmdSecretless(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: secretless")
	}
	w := worldOf(ts)
	w.mu.Lock()
	tokens, given := slices.Sorted(maps.Keys(w.tokens)), slices.Sorted(maps.Keys(w.given))
	w.mu.Unlock()
	holds := func(text string) bool {
		return slices.ContainsFunc(slices.Concat([]string{canarySecret, canaryRefresh, canaryGateway}, tokens, given),
			func(s string) bool { return strings.Contains(text, s) })
	}
	if holds(ts.ReadFile("stdout")) || holds(ts.ReadFile("stderr")) {
		ts.Fatalf("a secret is in the output")
	}
	cache := filepath.Join(ts.Getenv("XDG_STATE_HOME"), "rolecall", "tokens") + string(filepath.Separator)
	kept := filepath.Join(ts.Getenv("XDG_STATE_HOME"), "rolecall", "secrets") + string(filepath.Separator)
	cached := false
	ts.Check(filepath.WalkDir(ts.Getenv("WORK"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && path == ts.MkAbs("vault") {
			return filepath.SkipDir
		}
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !holds(path + "\n" + string(text)) {
			return nil
		}
		if strings.HasPrefix(path, kept) {
			cached = true
			return nil
		}
		if !strings.HasPrefix(path, cache) || strings.Contains(string(text), canarySecret) ||
			strings.Contains(string(text), canaryRefresh) {
			return fmt.Errorf("%s holds a secret", path)
		}
		cached = true
		return nil
	}))
	if len(tokens) > 0 && !cached {
		ts.Fatalf("no token that was used is in the cache")
	}
}

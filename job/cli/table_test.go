package cli_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"rolecall/csvio"
)

// cmdColumn is: column FILE NAME... It prints those columns of a table, a line for each row, cells joined by " | ". A
// row that is not as wide as the header fails it.
func cmdColumn(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: column FILE NAME...")
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(ts.ReadFile(args[0]), csvio.MarkUTF8))).ReadAll()
	ts.Check(err)
	if len(rows) == 0 {
		ts.Fatalf("%s has no header", args[0])
	}
	out := ts.Stdout() // taken also when nothing is printed: else the output of the command before would stay
	for _, row := range rows[1:] {
		var cells []string
		for _, name := range args[1:] {
			at := slices.Index(rows[0], name)
			if at < 0 {
				ts.Fatalf("%s has no column %s, but %s", args[0], name, rows[0])
			}
			cells = append(cells, row[at])
		}
		fmt.Fprintln(out, strings.Join(cells, " | "))
	}
}

// Ids of generated orgs: deal i and contact j follow these.
const (
	dealBase    = 4150868000010000000
	contactBase = 4150868000020000000
)

// cmdBulk is: bulk FILE DEALS CONTACTS [FIRST]. It writes a table with a row for each of so many contacts, from the
// contact FIRST (1) on, on each of so many deals, all Purchasing.
func cmdBulk(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: bulk FILE DEALS CONTACTS [FIRST]")
	}
	n := [3]int{0, 0, 1}
	for i, arg := range args[1:] {
		var err error
		n[i], err = strconv.Atoi(arg)
		ts.Check(err)
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	b := bufio.NewWriter(f)
	fmt.Fprintln(b, "deal_id,contact_id,role")
	for contact := range n[1] {
		for deal := range n[0] {
			fmt.Fprintf(b, "%d,%d,Purchasing\n", dealBase+deal+1, contactBase+contact+n[2])
		}
	}
	ts.Check(b.Flush())
}

// cmdJSON is: json FILE [KEY.KEY...]... It prints what stands in the one JSON object of the file, a line for each path.
// Of stdout it is the last line.
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: json FILE [KEY.KEY...]...")
	}
	text := strings.TrimSuffix(ts.ReadFile(args[0]), "\n")
	if args[0] == "stdout" {
		text = text[strings.LastIndexByte(text, '\n')+1:]
	}
	var object map[string]json.RawMessage
	ts.Check(json.Unmarshal([]byte(text), &object)) // it also refuses what follows the object
	for _, path := range args[1:] {
		in := object
		keys := strings.Split(path, ".")
		for _, key := range keys[:len(keys)-1] {
			inner := in[key]
			in = nil
			ts.Check(json.Unmarshal(inner, &in))
		}
		value, ok := in[keys[len(keys)-1]]
		if !ok {
			ts.Fatalf("%s has no %s", args[0], path)
		}
		fmt.Fprintf(ts.Stdout(), "%s %s\n", path, value)
	}
}

package cli_test

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// recorded reads which rows have an outcome in run.db, and of which the DELETE was noted: of a copy, so that what the killed process left is for resume to mend.
func (r *chaosRound) recorded() (done, noted map[int]bool) {
	r.t.Helper()
	dir := r.t.TempDir()
	defer os.RemoveAll(dir) // a long campaign has thousands of them
	for _, name := range []string{"run.db", "run.db-wal"} {
		b, err := os.ReadFile(filepath.Join(r.run, name))
		if errors.Is(err, fs.ErrNotExist) && name != "run.db" {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), b, 0o600)
		}
		if err != nil {
			r.t.Fatal(err)
		}
	}
	conn, err := sqlite.OpenConn(filepath.Join(dir, "run.db"), sqlite.OpenReadWrite)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close()
	done, noted = map[int]bool{}, map[int]bool{}
	read := func(query string, each func(*sqlite.Stmt)) {
		err := sqlitex.Execute(conn, query, &sqlitex.ExecOptions{ResultFunc: func(st *sqlite.Stmt) error { each(st); return nil }})
		if err != nil {
			r.t.Fatal(err)
		}
	}
	read("SELECT packed FROM outcomes", func(st *sqlite.Stmt) {
		packed := make([]byte, st.ColumnLen(0))
		st.ColumnBytes(0, packed)
		for _, row := range r.packedRows(packed) {
			if done[row] {
				r.t.Errorf("row %d has two outcomes", row+1)
			}
			done[row] = true
		}
	})
	read("SELECT row FROM noted", func(st *sqlite.Stmt) { noted[st.ColumnInt(0)-1] = true })
	return done, noted
}

// packedRows reads the rows, from 0, of a packed record of outcomes: of each the row, the number of its answer, twice the attempts and one more if there is more, the details; then what it
// is the same as, and the role before.
func (r *chaosRound) packedRows(b []byte) (rows []int) {
	number := func() int {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			r.t.Fatal("a record of outcomes cannot be read")
		}
		b = b[size:]
		return int(n)
	}
	text := func() {
		n := number()
		b = b[n:]
	}
	for len(b) > 0 {
		rows = append(rows, number()-1)
		number()
		more := number()&1 == 1
		text()
		if more {
			number()
			text()
		}
	}
	return rows
}

// sent finds out which rows a process sent, and when last, and holds it to the first promise: a row that had an outcome before is not sent again, and the rows of a pair go in file order.
// One row may be sent several times by one process: when its answer was lost on the way.
func (r *chaosRound) sent(writes []chaosWrite) map[int]time.Time {
	pending := map[[2]string][]int{}
	for i, w := range r.wants {
		if w.travels && !r.done[i] {
			pair := [2]string{r.file.rows[i].deal, r.file.rows[i].contact}
			pending[pair] = append(pending[pair], i)
		}
	}
	rows, begun := map[int]time.Time{}, map[[2]string]bool{}
	for _, w := range writes {
		for _, contact := range w.contacts {
			pair := [2]string{w.deal, contact}
			at := r.next(pending[pair], w.role, begun[pair])
			if at < 0 {
				r.t.Fatalf("deal %s, contact %s, role %q was sent, but the rows to send are %v", w.deal, contact, w.role, add1(pending[pair]))
			}
			pending[pair], begun[pair] = pending[pair][at:], true
			rows[pending[pair][0]] = w.at
			r.sends[pending[pair][0]]++
		}
	}
	return rows
}

// next is which of a pair's rows a write belongs to: the one that the write before belonged to, or the one after it. Two rows of one role that follow each other cannot be told apart,
// and count as one.
func (r *chaosRound) next(pending []int, role string, begun bool) int {
	role0 := func(at int) string {
		if r.file.command == "remove" {
			return ""
		}
		return r.file.rows[pending[at]].role
	}
	for at := range pending {
		if role0(at) == role {
			return at
		}
		if !begun || role0(at) != role0(0) {
			break
		}
		if at+1 < len(pending) && role0(at+1) != role0(0) && role0(at+1) != role {
			break
		}
	}
	return -1
}

func add1(rows []int) []int {
	rows = slices.Clone(rows)
	for i := range rows {
		rows[i]++
	}
	return rows
}

// inFlight counts the calls of rows that a process sent, until a time, and that are not recorded. A deal has one call in flight at a time.
func (r *chaosRound) inFlight(sent map[int]time.Time, until time.Time) int {
	deals := map[string]int{}
	for row, at := range sent {
		switch deal := r.file.rows[row].deal; {
		case r.done[row] || at.After(until) && chaosGroup > 0:
		case r.file.command == "remove":
			deals[deal] = 1 // up to 100 contacts of a deal travel in one call
		default:
			deals[deal]++
		}
	}
	n := 0
	for _, calls := range deals {
		n += calls
	}
	return n
}

// chaosResult is what results.csv says of a row.
type chaosResult struct{ status, action, message string }

// results reads results.csv, which is whole or absent: every row of the input once, in order, with its cells; and what it says of a row is true. It returns nil when there is none.
func (r *chaosRound) results() []chaosResult {
	r.t.Helper()
	header, records := r.table("results.csv")
	if header == nil {
		return nil
	}
	if len(records) != len(r.file.rows) {
		r.t.Fatalf("results.csv has %d rows, the input %d", len(records), len(r.file.rows))
	}
	column := func(name string) int { return slices.Index(header, name) }
	row, status, action, message := column("rc_row"), column("rc_status"), column("rc_action"), column("rc_message")
	if strings.Join(header[:4], ",") != chaosHeader || min(row, status, action, message) < 0 {
		r.t.Fatalf("results.csv has the columns %s", header)
	}
	all, lies := make([]chaosResult, len(records)), []string(nil)
	for i, rec := range records {
		cells := append(slices.Clone(r.file.rows[i].cells), "", "", "")[:4] // padded or cut, where it is malformed
		if !slices.Equal(rec[:4], cells) || rec[row] != strconv.Itoa(i+1) {
			r.t.Fatalf("row %d of results.csv is %q, want the cells %q", i+1, rec, cells)
		}
		all[i] = chaosResult{rec[status], rec[action], rec[message]}
		if rec[status] != "not_attempted" && !r.true(i, all[i]) {
			lies = append(lies, fmt.Sprintf("row %d (%q) is %q, want %s %s", i+1, r.file.rows[i].cells, all[i], r.wants[i].status, r.wants[i].action))
		}
	}
	if len(lies) > 0 {
		r.t.Fatalf("%d rows of results.csv are not true, such as:\n%s", len(lies), strings.Join(lies[:min(len(lies), 5)], "\n"))
	}
	return all
}

// true compares a row with the model.
//
// Only one thing is let pass. A row whose contact was not on the deal is an error when rows are executed one by one, but after a DELETE of which nobody knows the outcome, nobody can tell
// whether the contact was there before: reading the deal finds it absent, as was asked for. So such a row may be a success that says how that is known, if its DELETE was noted before a process
// ended without an outcome, or was sent more than once because its answer was lost.
func (r *chaosRound) true(i int, got chaosResult) bool {
	w := r.wants[i]
	if got.status == w.status && got.action == w.action {
		return true
	}
	if r.file.command != "remove" || w.status != "error" || got.status != "success" || !r.noted[w.as] && r.sends[w.as] < 2 {
		return false
	}
	if w.as == i {
		return got.action == "removed" && strings.Contains(got.message, "an earlier call may have removed")
	}
	return got.action == "unchanged"
}

// table reads a result table, which is nil when the file is absent. It must be whole: every row as wide as the header, the last line ended.
func (r *chaosRound) table(name string) (header []string, records [][]string) {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.run, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && !bytes.HasSuffix(b, []byte("\n")) {
		err = errors.New("its last line has no end")
	}
	if err == nil {
		records, err = csv.NewReader(bytes.NewReader(b)).ReadAll()
	}
	if err != nil || len(records) == 0 {
		r.t.Fatalf("%s is not whole: %d records, %v", name, len(records), err)
	}
	return records[0], records[1:]
}

// files holds what lies in the run's folder, after whatever end of a process, to being whole: results.csv, failed.csv and summary.json.
func (r *chaosRound) files() {
	r.t.Helper()
	if results := r.results(); results != nil {
		failed := 0
		for i, res := range results {
			if res.status != "not_attempted" && r.wants[i].travels {
				r.done[i] = true // told to the user: from now on it must not be sent again
			}
			if res.status == "error" {
				failed++
			}
		}
		r.failures[failed] = true
	}
	// failed.csv appears right after results.csv: a kill between them leaves that of an earlier results.csv.
	if header, records := r.table("failed.csv"); header != nil && !r.failures[len(records)] {
		r.t.Errorf("failed.csv has %d rows, but no results.csv had so many errors", len(records))
	}
	if sum := r.summary(); sum != nil && sum.Rows.Total != len(r.file.rows) {
		r.t.Errorf("summary.json counts %d rows, the input has %d", sum.Rows.Total, len(r.file.rows))
	}
}

type chaosSummary struct {
	State, Next string
	Rows        struct {
		Total, Success, Error int
		NotAttempted          int `json:"not_attempted"`
	}
}

func (r *chaosRound) summary() *chaosSummary {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.run, "summary.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var s chaosSummary
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		r.t.Fatalf("summary.json is not whole: %v", err)
	}
	return &s
}

package cli_test

import (
	"bytes"
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

	"github.com/google/go-cmp/cmp"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// recorded reads which rows have an outcome in run.db, and which were about to be sent. It reads a copy, so that what
// the killed process left is for resume to mend.
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
		err := sqlitex.Execute(conn, query,
			&sqlitex.ExecOptions{ResultFunc: func(st *sqlite.Stmt) error { each(st); return nil }})
		if err != nil {
			r.t.Fatal(err)
		}
	}
	read("SELECT row FROM outcomes", func(st *sqlite.Stmt) { done[st.ColumnInt(0)-1] = true })
	read("SELECT row FROM sent", func(st *sqlite.Stmt) { noted[st.ColumnInt(0)-1] = true })
	return done, noted
}

// chaosResult is what results.csv says of a row.
type chaosResult struct{ status, action, message, prior string }

// results reads results.csv, which is whole or absent: every row of the input once, in order, with its cells; and what
// it says of a row is true. It returns nil when there is none.
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
	row, status, action, message, prior := column("rc_row"), column("rc_status"), column("rc_action"),
		column("rc_message"), column("rc_prior_role")
	if strings.Join(header[:4], ",") != chaosHeader || min(row, status, action, message, prior) < 0 {
		r.t.Fatalf("results.csv has the columns %s", header)
	}
	all, lies := make([]chaosResult, len(records)), []string(nil)
	for i, rec := range records {
		cells := append(slices.Clone(r.file.rows[i].cells), "", "", "")[:4] // padded or cut, where it is malformed
		if !slices.Equal(rec[:4], cells) || rec[row] != strconv.Itoa(i+1) {
			r.t.Fatalf("row %d of results.csv is %q, want the cells %q", i+1, rec, cells)
		}
		all[i] = chaosResult{rec[status], rec[action], rec[message], rec[prior]}
		if rec[status] != "not_attempted" && !r.true(i, all[i]) {
			lies = append(lies, fmt.Sprintf("row %d (%q) is %q, want %s %s with %q before", i+1,
				r.file.rows[i].cells, all[i], r.wants[i].status, r.wants[i].action, r.wants[i].prior))
		}
	}
	if len(lies) > 0 {
		r.t.Fatalf("%d rows of results.csv are not true, such as:\n%s", len(lies),
			strings.Join(lies[:min(len(lies), 5)], "\n"))
	}
	return all
}

// true compares a row with the model.
//
// One thing is let pass. A row whose contact was not on the deal is an error when rows are executed one by one. After a
// DELETE whose outcome nobody knows, nobody can tell whether the contact was there before: reading the deal finds no
// contact, as the row asks for. So such a row may be a success that says how that is known, if it was about to be sent
// when a process ended without its outcome, or if it was sent more than once because its answer was lost.
func (r *chaosRound) true(i int, got chaosResult) bool {
	w := r.wants[i]
	if got.status == w.status && got.action == w.action && got.prior == w.prior {
		return true
	}
	if r.file.command != "remove" || w.status != "error" || got.status != "success" || !r.noted[w.as] &&
		r.sends[w.as] < 2 {
		return false
	}
	if w.as == i {
		return got.action == "removed" && strings.Contains(got.message, "an earlier call may have removed")
	}
	return got.action == "unchanged"
}

// table reads a result table, which is nil when the file is absent. It must be whole: every row as wide as the header,
// the last line ended.
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

// files holds what lies in the run's folder, after whatever end of a process, to being whole: results.csv, failed.csv
// and summary.json.
func (r *chaosRound) files() {
	r.t.Helper()
	if results := r.results(); results != nil {
		failed := 0
		for i, res := range results {
			if res.status != "not_attempted" && r.wants[i].travels {
				r.done[i] = true // told to the user: from now on it must not be sent again
			}
			if res.status == "error" && !r.wants[i].superseded {
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

// undo holds undo.csv of a finished run to its results: the changes whose prior state is known, the latest first.
func (r *chaosRound) undo(results []chaosResult) {
	r.t.Helper()
	var want [][]string
	for i, res := range slices.Backward(results) {
		if res.action == "added" || res.action == "updated" || res.action == "removed" && res.prior != "" {
			want = append(want, []string{r.file.rows[i].deal, r.file.rows[i].contact, res.prior, res.action})
		}
	}
	header, got := r.table("undo.csv")
	for i := range got {
		got[i] = []string{got[i][0], got[i][1], got[i][2], got[i][slices.Index(header, "rc_action")]}
	}
	if d := cmp.Diff(want, got); d != "" {
		r.t.Errorf("undo.csv (-want +got):\n%s", d)
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

package rundb

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
	"zombiezen.com/go/sqlite"
)

func create(t *testing.T) *DB {
	t.Helper()
	db, err := Create(filepath.Join(t.TempDir(), "run.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func collect[T any](t interface{ Fatal(...any) }, seq iter.Seq2[T, error]) (all []T) {
	for v, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// For any order of the file, the rows of a key come together and in file order, also across pages.
func TestRowsOfAKeyComeTogetherInFileOrder(t *testing.T) {
	t.Parallel()
	db := create(t)
	keys := []string{"5", "99999999999999999999", "4150868000010000001", "7", "00012", "12", ""}
	want := map[string][]int64{}
	var rows []Row
	for i := int64(1); i <= 3*readAhead+7; i++ {
		key := keys[(i*i)%int64(len(keys))]
		if i > 100 && i < 100+2*readAhead { // a key that fills more than a page
			key = "7"
		}
		rows = append(rows, Row{N: i, Line: i + 1, Key: key, Item: fmt.Sprint(i % 50)})
		if key != "" {
			want[key] = append(want[key], i)
		}
	}
	if err := errors.Join(db.Add(rows), db.Order()); err != nil {
		t.Fatal(err)
	}
	got, last := map[string][]int64{}, ""
	for _, r := range collect(t, db.ByKey(0, Range{})) {
		if _, seen := got[r.Key]; seen && r.Key != last {
			t.Errorf("key %s comes in two parts", r.Key)
		}
		got[r.Key], last = append(got[r.Key], r.N), r.Key
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("rows by key (-want +got):\n%s", d)
	}
	if n := len(collect(t, db.InOrder())); n != len(rows) {
		t.Errorf("%d rows in order, not %d", n, len(rows))
	}
}

// Ranges of keys divide the rows of a phase into parts that together have every row once.
func TestRangesCoverEveryRowOnce(t *testing.T) {
	t.Parallel()
	db := create(t)
	var rows []Row
	for i := int64(1); i <= 200; i++ {
		rows = append(rows, Row{N: i, Key: fmt.Sprint(i * 7919 % 101), Phase: int(i % 2)})
	}
	if err := errors.Join(db.Add(rows), db.Order()); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		cut := rapid.StringMatching("[0-9]{1,3}").Draw(t, "cut")
		seen := map[int64]bool{}
		for _, within := range []Range{{To: cut}, {From: cut}} {
			for _, r := range collect(t, db.ByKey(1, within)) {
				if seen[r.N] {
					t.Fatalf("row %d is in both parts", r.N)
				}
				seen[r.N] = true
			}
		}
		if len(seen) != 100 {
			t.Fatalf("%d rows of 100 are in the parts cut at %s", len(seen), cut)
		}
	})
}

// Recorded values are read back unchanged, also from a file that was closed and opened again.
func TestRecordsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	db := create(t)
	prior := json.RawMessage(`{"id":"1"}`)
	want := []Row{
		{N: 1, Line: 2, Key: "d", Item: "c", Ask: json.RawMessage(`{}`), Sent: true, Prior: prior, Done: &Outcome{
			Row: 1, Status: Success, Action: "assigned", Code: "SUCCESS", Message: "m", Details: `{"id":"c"}`, HTTP: 200,
			Attempts: 2, IDs: map[string]string{"role": "7"}, Prior: prior,
		}},
		{N: 2, Line: 3, Unsendable: true, Done: &Outcome{Row: 2, Status: Failed, Code: "ID_MISSING", Message: "\x00\xff"}},
		{N: 3, Line: 5, Phase: 1, Key: "d", Extra: true, Sent: true},
	}
	rows := []Row{{N: 1, Line: 2, Key: "d", Item: "c"}, want[1], {N: 3, Line: 5, Phase: 1, Key: "d", Extra: true}}
	first := Row{N: 1, Line: 2, Key: "d", Item: "c", Ask: json.RawMessage(`{}`)}
	err := errors.Join(db.Add(rows), db.Update([]Row{first}), db.Put("notes", []string{"a"}),
		db.Send([]Sending{{1, prior}, {3, nil}}, true), db.Send([]Sending{{1, json.RawMessage(`{}`)}}, false),
		db.Record([]Outcome{*want[0].Done}), db.Close())
	if err != nil {
		t.Fatal(err)
	}
	if db, err = Open(db.Path()); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	times := cmp.Options{cmpopts.IgnoreFields(Row{}, "SentAt"), cmpopts.IgnoreFields(Outcome{}, "At")}
	if d := cmp.Diff(want, collect(t, db.InOrder()), times); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
	if got := collect(t, db.Backward()); got[0].N != 3 || got[2].N != 1 {
		t.Errorf("backward: %v", got)
	}
	counts, err := db.Count()
	if d := cmp.Diff(Counts{Input: 2, Rows: 3, Open: 1, Unsendable: 1, Rejected: 1, Failed: 1}, counts); d != "" || err != nil {
		t.Errorf("counts (-want +got):\n%s%v", d, err)
	}
	var notes []string
	if err := db.Get("notes", &notes); err != nil || len(notes) != 1 {
		t.Errorf("notes %v, %v", notes, err)
	}
	if err := db.Unsend([]int64{3}); err != nil {
		t.Fatal(err)
	}
	if got := collect(t, db.InOrder()); got[2].Sent || !got[0].Sent {
		t.Errorf("after Unsend of row 3: %v", got)
	}
	if err := errors.Join(db.Forget("notes"), db.Check()); err != nil {
		t.Error(err)
	}
}

// A forced commit is on disk on return: the write-ahead log is synced with it (SQLite, PRAGMA synchronous: FULL is 2,
// NORMAL is 1). Later commits are not forced.
func TestOnlyForcedCommitsSync(t *testing.T) {
	t.Parallel()
	db := create(t)
	for _, force := range []bool{false, true, false} {
		want := int64(1)
		if force {
			want = 2
		}
		err := db.transaction(force, func() error {
			if level, err := db.number("PRAGMA synchronous"); err != nil || level != want {
				t.Errorf("forced is %v: synchronous is %d, want %d, %v", force, level, want, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A record that is listed twice is one row, with the values of the last time.
func TestListedTwiceIsOneRow(t *testing.T) {
	t.Parallel()
	db := create(t)
	row := func(phase int, key, ask string) Row { return Row{Phase: phase, Key: key, Ask: json.RawMessage(ask)} }
	list := func(want int64, rows ...Row) error {
		added, err := db.List(rows)
		if err == nil && added != want {
			err = fmt.Errorf("%d rows were added, want %d", added, want)
		}
		return err
	}
	err := errors.Join(db.Order(), list(3, row(0, "b", "1"), row(0, "a", "2"), row(1, "a", "3")), list(0, row(0, "b", "4")))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range collect(t, db.ByKey(0, Range{})) {
		got = append(got, fmt.Sprintf("%d %s %s", r.N, r.Key, r.Ask))
	}
	if d := cmp.Diff([]string{"2 a 2", "1 b 4"}, got); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
	if n, err := db.Listed(1); n != 1 || err != nil {
		t.Errorf("listed in phase 1: %d, %v", n, err)
	}
	if err := db.Clear(0); err != nil || len(collect(t, db.ByKey(0, Range{}))) != 0 {
		t.Errorf("rows are left after Clear: %v", err)
	}
}

func TestEntriesComeInTheirOrder(t *testing.T) {
	t.Parallel()
	db := create(t)
	var want []string
	var outcomes []Outcome
	for i := range int64(readAhead) {
		o := Outcome{Row: i + 1}
		for _, item := range []string{"z", "a", "a"} { // the last one with a key and item counts
			o.Got = append(o.Got, Entry{fmt.Sprintf("%04d", readAhead-i), item, json.RawMessage(fmt.Sprint(len(o.Got)))})
		}
		outcomes = append(outcomes, o)
	}
	for i := 1; i <= readAhead; i++ {
		want = append(want, fmt.Sprintf("%04d a 2", i), fmt.Sprintf("%04d z 0", i))
	}
	if err := db.Record(outcomes); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range collect(t, db.Entries()) {
		got = append(got, fmt.Sprintf("%s %s %s", e.Key, e.Item, e.Value))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("entries (-want +got):\n%s", d)
	}
	if err := db.Check(); err == nil {
		t.Error("Check does not see outcomes of no row")
	}
}

func TestASecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	db := create(t)
	if _, err := Open(db.Path()); !errors.Is(err, ErrLocked) {
		t.Errorf("a second Open gives %v", err)
	}
}

func TestAnotherFormatIsRefusedByName(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "run.db")
	conn, err := sqlite.OpenConn(path)
	if err != nil {
		t.Fatal(err)
	}
	old := &DB{conn: conn}
	if err := errors.Join(old.exec("PRAGMA user_version=2"), old.exec("CREATE TABLE t(a)"), conn.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = Open(path)
	if e, ok := errors.AsType[*VersionError](err); !ok || e.Format != 2 || e.Path != path {
		t.Errorf("Open of format 2 gives %v", err)
	}
}

// Changes that wait at the same moment are committed together, and one that fails does not fail the others.
func TestChangesThatWaitAreCommittedTogether(t *testing.T) {
	t.Parallel()
	db := create(t)
	wrong := errors.New("wrong")
	errs := make([]error, 10)
	db.mu.Lock()
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			errs[i] = db.transaction(i%2 == 0, func() error {
				if i == 3 {
					return wrong
				}
				return db.put(fmt.Sprint("fact ", i), i)
			})
		})
	}
	for waiting := 0; waiting < len(errs); {
		db.queueing.Lock()
		waiting = len(db.queue)
		db.queueing.Unlock()
		runtime.Gosched()
	}
	db.mu.Unlock()
	wg.Wait()
	for i, err := range errs {
		n := -1
		if e := db.Get(fmt.Sprint("fact ", i), &n); e != nil {
			t.Fatal(e)
		}
		if i == 3 {
			if !errors.Is(err, wrong) || n != -1 {
				t.Errorf("the change that fails: %v, %d", err, n)
			}
			continue
		}
		if err != nil || n != i {
			t.Errorf("change %d: %v, %d", i, err, n)
		}
	}
}

// Outcomes that were appended in any order are found by their row afterwards, also by another process; a second outcome
// of a row is an error.
func TestAppendedOutcomesAreFoundByTheirRow(t *testing.T) {
	t.Parallel()
	db := create(t)
	var rows []Row
	var outcomes []Outcome
	for n := int64(1); n <= 100; n++ {
		rows = append(rows, Row{N: n, Key: fmt.Sprint(n % 7)})
		outcomes = append(outcomes, Outcome{Row: 1 + n*37%100, Status: Success, Message: fmt.Sprint(1 + n*37%100)})
	}
	if err := errors.Join(db.Add(rows), db.Order(), db.Append(), db.Record(outcomes)); err != nil {
		t.Fatal(err)
	}
	for _, r := range collect(t, db.ByKey(0, Range{})) {
		if r.Done != nil {
			t.Fatalf("row %d has its outcome before Index", r.N)
		}
	}
	if counts, err := db.Count(); err != nil || counts.Open != 0 {
		t.Errorf("counts %+v, %v", counts, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := Open(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Index(); err != nil {
		t.Fatal(err)
	}
	for _, r := range collect(t, db.InOrder()) {
		if r.Done == nil || r.Done.Message != fmt.Sprint(r.N) {
			t.Errorf("row %d: %+v", r.N, r.Done)
		}
	}
	twice := errors.Join(db.Append(), db.Record([]Outcome{{Row: 5}}), db.Index())
	if twice == nil {
		t.Error("two outcomes of a row pass")
	}
}

// A page ends before it takes much memory, and every row comes all the same.
func TestPagesOfLongRowsAreShort(t *testing.T) {
	t.Parallel()
	db := create(t)
	const long = 300_000
	for n := int64(1); n <= 20; n++ {
		done := &Outcome{Status: Failed, Details: strings.Repeat("x", long)}
		if err := db.Add([]Row{{N: n, Unsendable: true, Done: done}}); err != nil {
			t.Fatal(err)
		}
	}
	query := columns + "WHERE r.row > ? ORDER BY r.row LIMIT 500"
	page, more, err := readPage(db, scan, query, 0)
	if err != nil || !more || len(page) > pageBytes/long+1 {
		t.Errorf("the first page has %d rows, more: %v, %v", len(page), more, err)
	}
	if rows := collect(t, db.InOrder()); len(rows) != 20 {
		t.Errorf("%d rows of 20 come", len(rows))
	}
}

// A text in run.db that is no longer JSON counts as damage, like a broken page. The error names the text.
func TestTextsThatAreNoJSONAreADamage(t *testing.T) {
	t.Parallel()
	db := create(t)
	err := errors.Join(db.Add([]Row{{N: 1, Key: "k", Item: "i"}}), db.Order(), db.Append(), db.Put("org", "4150868"),
		db.transaction(false, func() error { return db.record(&Outcome{Row: 1, Status: "success"}, 1) }),
		db.exec(`UPDATE facts SET value = '"415' || char(255)`), db.exec(`UPDATE outcomes SET ids = '["1"'`), db.Index())
	if err != nil {
		t.Fatal(err)
	}
	var org string
	if err := db.Get("org", &org); !Damaged(err) || !strings.Contains(err.Error(), "org") {
		t.Errorf("a fact: %v", err)
	}
	for _, err := range db.InOrder() {
		if !Damaged(err) || !strings.Contains(err.Error(), "row 1") {
			t.Errorf("the ids of an outcome: %v", err)
		}
	}
}

package job

import (
	"container/heap"
	"fmt"
	"slices"

	"zombiezen.com/go/sqlite"
)

// runRecords is how many records a sorter holds in memory, and partRecords how many of them travel together to the store and back: some megabytes and some kilobytes.
const (
	runRecords  = 50_000
	partRecords = 500
)

// sorter puts any number of records in order in little memory: it sorts runs of them, keeps those packed in a table of run.db, and merges them when they are read.
//
// A table of runs has a key, part: run number times partsPerRun plus the number of the part in its run.
type sorter[T any] struct {
	s       *store
	table   string // (part INTEGER PRIMARY KEY, packed BLOB NOT NULL)
	compare func(a, b T) int
	pack    func(b []byte, t, before *T) []byte // before is the record before it in its part; zero for the first
	unpack  func(u *unpacker, before *T) T

	run  []T
	runs int64
}

// partsPerRun is more than any run has.
const partsPerRun = runRecords/partRecords + 1

// makeTemporary makes the sorter's table, one of the connection's own, or empties it.
func (o *sorter[T]) makeTemporary() error {
	if err := o.s.Exec("DROP TABLE IF EXISTS " + o.table); err != nil {
		return err
	}
	return o.s.Exec("CREATE TABLE " + o.table + "(part INTEGER PRIMARY KEY, packed BLOB NOT NULL)")
}

// add takes a record. The caller holds the store's lock and a transaction.
func (o *sorter[T]) add(t T) error {
	o.run = append(o.run, t)
	if len(o.run) < runRecords {
		return nil
	}
	return o.flush()
}

// flush puts the run in memory away.
func (o *sorter[T]) flush() error {
	slices.SortFunc(o.run, o.compare)
	insert, err := o.s.Conn.Prepare("INSERT INTO " + o.table + " VALUES(?, ?)")
	if err != nil {
		return err
	}
	part := o.runs * partsPerRun
	var packed []byte
	for records := range slices.Chunk(o.run, partRecords) {
		packed = packed[:0]
		var before T
		for i := range records {
			packed = o.pack(packed, &records[i], &before)
			before = records[i]
		}
		insert.BindInt64(1, part)
		insert.BindBytes(2, packed)
		if err := execute(insert); err != nil {
			return err
		}
		part++
	}
	o.run = o.run[:0]
	o.runs++
	return nil
}

// merge reads what was put away, in order.
type merge[T any] struct {
	*sorter[T]
	heads []*mergeHead[T] // a heap
}

// mergeHead is a run that is being read.
type mergeHead[T any] struct {
	part    int64 // the next one
	records []T
	next    int
}

// merged begins to read what a table of sorted runs holds.
func (o *sorter[T]) merged() (*merge[T], error) {
	m := &merge[T]{sorter: o}
	last, err := o.s.Number("SELECT coalesce(max(part), -1) FROM " + o.table)
	if err != nil {
		return nil, err
	}
	for run := range (last + partsPerRun) / partsPerRun {
		head := &mergeHead[T]{part: run * partsPerRun}
		if err := m.fill(head); err != nil {
			return nil, err
		}
		if len(head.records) > 0 {
			m.heads = append(m.heads, head)
		}
	}
	heap.Init(m)
	return m, nil
}

// next gives the next record; ok is false at the end.
func (m *merge[T]) next() (t T, ok bool, err error) {
	if len(m.heads) == 0 {
		return t, false, nil
	}
	head := m.heads[0]
	t = head.records[head.next]
	head.next++
	if head.next == len(head.records) {
		if err := m.fill(head); err != nil {
			return t, false, err
		}
		if len(head.records) == 0 {
			heap.Pop(m)
			return t, true, nil
		}
	}
	if len(m.heads) > 1 {
		heap.Fix(m, 0)
	}
	return t, true, nil
}

// fill reads the next part of a run; at its end there is none.
func (m *merge[T]) fill(head *mergeHead[T]) error {
	head.records, head.next = head.records[:0], 0
	m.s.Lock()
	defer m.s.Unlock()
	err := m.s.Query("SELECT packed FROM "+m.table+" WHERE part = ?", func(st *sqlite.Stmt) error {
		u := unpacker{b: columnBytes(st, 0)}
		var before T
		for u.more() {
			before = m.unpack(&u, &before)
			head.records = append(head.records, before)
		}
		return u.err
	}, head.part)
	if err != nil {
		return fmt.Errorf("read %s: %w", m.table, err)
	}
	head.part++
	return nil
}

// Len, Less, Swap, Push and Pop are a heap's.
func (m *merge[T]) Len() int { return len(m.heads) }

func (m *merge[T]) Less(i, j int) bool {
	a, b := m.heads[i], m.heads[j]
	return m.compare(a.records[a.next], b.records[b.next]) < 0
}

func (m *merge[T]) Swap(i, j int) { m.heads[i], m.heads[j] = m.heads[j], m.heads[i] }

func (m *merge[T]) Push(any) {} // a heap's; runs are only ever taken away

func (m *merge[T]) Pop() any {
	last := len(m.heads) - 1
	head := m.heads[last]
	m.heads = m.heads[:last]
	return head
}

// columnBytes reads a blob.
func columnBytes(st *sqlite.Stmt, col int) []byte {
	b := make([]byte, st.ColumnLen(col))
	return b[:st.ColumnBytes(col, b)]
}

package job_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"rolecall/job"
)

// heap returns how much memory is held now.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// The memory of a run does not grow with its rows.
func TestMemoryIsFlat(t *testing.T) { //nolint:paralleltest // other tests would be measured too
	held := func(rows int) uint64 {
		s := newShelf(t)
		s.together, s.forgetful = 100, true
		var lines []string
		for i := range rows {
			lines = append(lines, fmt.Sprintf("%d %d a-text-that-is-not-short", i%(rows/5), i))
		}
		var most uint64
		calls := 0
		s.before = func([]job.Row) {
			if calls++; calls%(rows/20) == 0 {
				most = max(most, heap())
			}
		}
		q := s.request(lines...)
		lines = nil //nolint:ineffassign,wastedassign // it must not be counted
		if res := s.Start(q); res.Summary.Rows.Success != int64(rows) {
			t.Errorf("rows %+v", res.Summary.Rows)
		}
		return most
	}
	few, many := held(1_000), held(10_000)
	if grown := int64(many) - int64(few); grown > 1<<20 {
		t.Errorf("10,000 rows hold %d KiB more than 1,000", grown>>10)
	}
}

// The rows that wait to be stored while the input is read are bounded in bytes too. Long rows are malformed rows, and
// rows with much text in columns that nobody reads.
func TestLongRowsDoNotWaitInMemory(t *testing.T) { //nolint:paralleltest // other tests would be measured too
	const rows, size = 60, 300 << 10
	for name, row := range map[string]string{
		"malformed":    strings.Repeat("x", size) + "\n",
		"other column": "1," + strings.Repeat("x", size) + ",2,text\n",
	} {
		s := newShelf(t)
		q := s.request()
		q.Input = s.Input("long.csv", "deal_id,note,contact_id,role\n"+strings.Repeat(row, rows))
		var first, most uint64
		read := 0
		s.surveyed = func() {
			if read++; read == 1 {
				first = heap()
			} else if read%10 == 0 {
				most = max(most, heap())
			}
		}
		s.Start(q)
		if grown := int64(most) - int64(first); grown > 8<<20 || read != rows {
			t.Errorf("%s: %d rows of %d KiB hold %d KiB while they are read", name, read, size>>10, grown>>10)
		}
	}
}

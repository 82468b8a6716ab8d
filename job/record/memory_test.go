package record

import (
	"fmt"
	"runtime"
	"testing"

	"rolecall/api"
	"rolecall/job"
)

// If several columns find records, the keys of the rows take little memory, however long the values are.
func TestKeysTakeLittleMemory(t *testing.T) { //nolint:paralleltest // other tests would be measured too
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	w := &work{job: Upsert, keys: map[uint64]uint64{}}
	for _, name := range []string{"Code", "Serial"} {
		w.table.Checks = append(w.table.Checks, column{Field: api.Field{APIName: name, Type: "text"}})
	}
	const rows = 50_000
	was := heap()
	for i := range rows {
		value := job.Encode(fmt.Sprintf("a-text-that-is-not-short %d", i))
		if _, joins := w.keyOf(fields{"Code": value, "Serial": value}); joins {
			t.Fatal("two rows share a value")
		}
	}
	if grown := (int64(heap()) - int64(was)) / rows; grown > 100 {
		t.Errorf("%d bytes a row", grown)
	}
	runtime.KeepAlive(w)
}

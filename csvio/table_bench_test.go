package csvio

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strconv"
	"testing"
	"time"
)

func benchRow(i int) []Value {
	n := strconv.Itoa(i)
	return texts(
		strconv.Itoa(4150868000010000001+i),
		"Deal "+n+" & more",
		"Negotiation",
		"Account "+n,
		"Owner "+strconv.Itoa(i%50),
		"2026-01-31",
		strconv.Itoa(
			4150868000020000001+i,
		),
		"Contact "+n,
		"contact"+n+"@example.com",
		"Decision Maker",
		"4150868000000006871",
	)
}

func writeBench(tb testing.TB, w io.Writer, o TableOptions, rows int) {
	t, err := NewTableWriter(w, exportColumns(), o)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range rows {
		if err := t.Write(benchRow(i)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := t.Close(); err != nil {
		tb.Fatal(err)
	}
}

func BenchmarkWriteTable(b *testing.B) {
	for _, format := range formats() {
		b.Run(string(format), func(b *testing.B) {
			b.ReportAllocs()
			peak := watchHeap()
			for b.Loop() {
				writeBench(
					b,
					io.Discard,
					TableOptions{Format: format, TempDir: b.TempDir(), Roles: []string{"Decision Maker"}},
					benchRows,
				)
			}
			b.ReportMetric(peak(), "peak-heap-MiB")
			perRow(b)
		})
	}
}

func BenchmarkReadTable(b *testing.B) {
	for _, format := range formats() {
		b.Run(string(format), func(b *testing.B) {
			name := filepath.Join(b.TempDir(), "table")
			writeFile(b, name, func(w io.Writer) { writeBench(b, w, TableOptions{Format: format}, benchRows) })
			b.ReportAllocs()
			peak := watchHeap()
			for b.Loop() {
				f, err := os.Open(name)
				if err != nil {
					b.Fatal(err)
				}
				r, err := NewReader(f, Options{Vocabulary: Stakeholders(), Needs: triple()})
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for ; ; n++ {
					if _, err := r.Read(); errors.Is(err, io.EOF) {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
				if n != benchRows {
					b.Fatal(n, "rows")
				}
				_ = r.Close()
				_ = f.Close()
			}
			b.ReportMetric(peak(), "peak-heap-MiB")
			perRow(b)
		})
	}
}

func writeFile(tb testing.TB, name string, write func(io.Writer)) {
	f, err := os.Create(name)
	if err != nil {
		tb.Fatal(err)
	}
	w := bufio.NewWriter(f)
	write(w)
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		tb.Fatal(err)
	}
}

// watchHeap returns the largest size of the heap, garbage included. It reads
// the size every few milliseconds.
func watchHeap() func() float64 {
	runtime.GC() // what came before does not count
	stop, done := make(chan struct{}), make(chan uint64)
	go func() {
		heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		var most uint64
		for {
			metrics.Read(heap)
			most = max(most, heap[0].Value.Uint64())
			select {
			case <-stop:
				done <- most
				return
			case <-tick.C:
			}
		}
	}()
	return func() float64 { close(stop); return float64(<-done) / (1 << 20) }
}

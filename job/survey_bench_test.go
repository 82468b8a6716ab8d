package job

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"rolecall/job/disk"
	"rolecall/job/rundir"
)

// BenchmarkSurvey measures the way of an input into run.db: reading, checking, keeping and storing it.
func BenchmarkSurvey(b *testing.B) {
	const rows = 500_000
	dir := b.TempDir()
	input := filepath.Join(dir, "input.csv")
	writeTriples(b, input, rows, false)
	for b.Loop() {
		f, err := rundir.New(filepath.Join(dir, "run"), "run")
		if err != nil {
			b.Fatal(err)
		}
		source, err := os.Open(input)
		if err != nil {
			b.Fatal(err)
		}
		r := &run{Env: Env{Progress: &Progress{}, Now: time.Now}, folder: f, log: disk.NewLog(false), command: Assign}
		r.notes = &notes{log: r.log}
		if err := r.begin(b.Context(), source, input); err != nil {
			b.Fatal(err)
		}
		r.close()
		f.Discard()
		if err := source.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}

package job

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"rolecall/api"
	"rolecall/api/pace"
)

// answering is an org that answers at once, so that what is measured is rolecall's own work.
type answering struct{ Zoho }

func (answering) Roles(context.Context) ([]api.Role, error) {
	return []api.Role{{ID: "4150868000000006872", Name: "Purchasing"}}, nil
}

func (answering) AssignContactRole(_ context.Context, _, contact string, _ api.RoleRef) (api.Answer, error) {
	return api.Answer{HTTP: 200, Code: "SUCCESS", Message: "relation updated", Details: json.RawMessage(`{"id":"` + contact + `"}`), Attempts: 1}, nil
}

func (a answering) AssignContactRoles(ctx context.Context, deal string, as []api.Assignment) ([]api.Outcome, error) {
	outcomes := make([]api.Outcome, len(as))
	for i, one := range as {
		answer, _ := a.AssignContactRole(ctx, deal, one.Contact, one.Role)
		outcomes[i] = api.Outcome{ID: one.Contact, Answer: answer, Known: true}
	}
	return outcomes, nil
}

// proven is an org whose collection PUT is known to merge.
type proven struct{}

func (proven) Recall(string) string    { return CollectionMerges }
func (proven) Remember(string, string) {}

// writeTriples makes a file of n rows, five to a deal, in deal order or shuffled.
func writeTriples(b testing.TB, path string, n int, shuffled bool) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	if shuffled {
		rand.New(rand.NewPCG(1, 2)).Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "deal_id,contact_id,role")
	for _, i := range order {
		fmt.Fprintf(w, "%s,%s,Purchasing\n", dealID(i/5+1), contactID(i%1000+1))
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		b.Fatal(err)
	}
}

// copyCSV is the yardstick: encoding/csv reads a file and writes it again.
func copyCSV(b *testing.B, path string) time.Duration {
	b.Helper()
	began := time.Now()
	in, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(path + ".copy")
	if err != nil {
		b.Fatal(err)
	}
	r, w := csv.NewReader(bufio.NewReader(in)), csv.NewWriter(out)
	r.ReuseRecord = true
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			b.Fatal(err)
		}
		if err := w.Write(record); err != nil {
			b.Fatal(err)
		}
	}
	w.Flush()
	if err := errors.Join(w.Error(), out.Close()); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// BenchmarkOwnTime measures what a run costs beside its calls, against encoding/csv reading and writing the same file in the same run.
func BenchmarkOwnTime(b *testing.B) {
	for _, work := range []struct {
		name               string
		shuffled, oneByOne bool
	}{
		{"deal order, together", false, false},
		{"deal order, one by one", false, true},
		{"random order, together", true, false},
		{"random order, one by one", true, true},
	} {
		b.Run(work.name, func(b *testing.B) {
			const rows = 1_000_000
			dir := b.TempDir()
			input := filepath.Join(dir, "input.csv")
			writeTriples(b, input, rows, work.shuffled)
			var yardstick time.Duration
			stages := map[Stage]time.Duration{}
			for i := 0; b.Loop(); i++ {
				// Before and after: the machine is not as fast at each moment.
				yardstick += copyCSV(b, input) / 2
				for stage, took := range timeStages(b, input, filepath.Join(dir, fmt.Sprint("run", i)), work.oneByOne) {
					stages[stage] += took
				}
				yardstick += copyCSV(b, input) / 2
			}
			own := time.Duration(0)
			for stage, name := range map[Stage]string{Surveying: "survey-ns/row", Connecting: "plan-ns/row", Calling: "store-ns/row", Writing: "write-ns/row"} {
				own += stages[stage]
				b.ReportMetric(float64(stages[stage].Nanoseconds())/float64(b.N)/rows, name)
			}
			b.ReportMetric(float64(yardstick.Nanoseconds())/float64(b.N)/rows, "csv-ns/row")
			b.ReportMetric(float64(own)/float64(yardstick), "times-csv")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// timeStages runs a file against an org that answers at once, and returns how long each stage took.
func timeStages(b *testing.B, input, dir string, oneByOne bool) map[Stage]time.Duration {
	b.Helper()
	progress := &Progress{}
	env := Env{Progress: progress, Version: "bench", Now: time.Now, Connect: func(context.Context, Settings, Hooks) (*Org, error) {
		return &Org{Zoho: answering{}, Pacer: pace.New(pace.Config{}), InFlight: 10, Batches: true, Findings: proven{}}, nil
	}}
	stages := map[Stage]time.Duration{}
	last := time.Now()
	progress.onEnter = func(next Stage) {
		if now := time.Now(); next != Surveying {
			stages[next-1] += now.Sub(last)
			last = now
		}
	}
	if _, err := Start(b.Context(), Request{Command: Assign, Settings: Settings{OneByOne: oneByOne}, Input: input, RunDir: dir, Env: env}); err != nil {
		b.Fatal(err)
	}
	stages[Writing] += time.Since(last)
	return stages
}

package export

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/report"
)

// feedState is the records of an export by id: the values of the fields A and B, null where there is none.
type feedState map[string]map[string]string

// entries yields the entries of an export with these records.
func (s feedState) entries() iter.Seq2[job.Entry, error] {
	return func(yield func(job.Entry, error) bool) {
		for _, id := range slices.SortedFunc(maps.Keys(s), byNumber) {
			all := record{"B": json.RawMessage("null")}
			for name, value := range s[id] {
				all[name] = job.Encode(value)
			}
			if !yield(job.Entry{Key: key(id), Value: job.Encode(all)}, nil) {
				return
			}
		}
	}
}

// modelFeed returns the rows of the change feed. A is compared only where both exports have it.
func modelFeed(before, after feedState) (rows []string) {
	ids := slices.Collect(maps.Keys(before))
	for id := range after {
		if before[id] == nil {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, byNumber)
	for _, id := range ids {
		was, is := before[id], after[id]
		switch {
		case was == nil:
			rows = append(rows, fmt.Sprintf("added,%s,,,", id))
		case is == nil:
			rows = append(rows, fmt.Sprintf("removed,%s,,,", id))
		default:
			for _, f := range []string{"A", "B"} {
				if _, had := was[f]; (had || f == "B") && was[f] != is[f] {
					rows = append(rows, fmt.Sprintf("changed,%s,%s,%s,%s", id, f, is[f], was[f]))
				}
			}
		}
	}
	return rows
}

// The change feed of records is the difference between two exports.
func TestFeedIsTheDifference(t *testing.T) {
	t.Parallel()
	id := rapid.SampledFrom([]string{"1", "2", "9", "10", "99999999999999999999"})
	state := rapid.MapOfN(id, rapid.MapOfN(rapid.SampledFrom([]string{"A", "B"}), rapid.SampledFrom([]string{"x", "y"}), 0, 2), 0, 5)
	columns := []column{{Name: "A", Field: "A"}, {Name: "B", Field: "B"}}
	rapid.Check(t, func(t *rapid.T) {
		before, after := feedState(state.Draw(t, "before")), feedState(state.Draw(t, "after"))
		var text strings.Builder
		table, err := csvio.NewTableWriter(&text, fieldFeedColumns(), csvio.TableOptions{
			Format: csvio.FormatCSV, BareIDs: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		sum := report.Changes{}
		if err := (&fieldFeed{columns, table, &sum}).compare(before.entries(), after.entries()); err != nil {
			t.Fatal(err)
		}
		if err := table.Close(); err != nil {
			t.Fatal(err)
		}
		want := append([]string{"change,id,field,value,prior_value"}, modelFeed(before, after)...)
		if diff := cmp.Diff(want, strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
		changed := map[string]bool{}
		for _, row := range want[1:] {
			if kind, rest, _ := strings.Cut(row, ","); kind == "changed" {
				changed[strings.Split(rest, ",")[0]] = true
			}
		}
		if sum.Changed != int64(len(changed)) || sum.Added+sum.Removed+sum.Changed > 10 {
			t.Fatalf("%+v, want %d changed", sum, len(changed))
		}
	})
}

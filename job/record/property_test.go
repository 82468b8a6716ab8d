package record

import (
	"context"
	"encoding/csv"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// noDeadline hides the deadline of a test, because a synctest bubble has another clock.
type noDeadline struct{ *testing.T }

func (noDeadline) Deadline() (time.Time, bool) { return time.Time{}, false }

// virtualRig returns a rig in a synctest bubble, with faults.
func virtualRig(t *testing.T, rt *rapid.T, dir, faults string) *rig {
	org, err := emulator.ReadOrg(strings.NewReader(seed))
	if err != nil {
		rt.Fatal(err)
	}
	o := emulator.Options{Org: org, FaultSeed: rapid.Int64().Draw(rt, "seed")}
	if o.Faults, err = emulator.ParseFaults(faults); err != nil {
		rt.Fatal(err)
	}
	r := &rig{Rig: jobtest.NewVirtual(t, o)}
	r.Kinds, r.Front.Keep = Kinds(), true
	if r.Dir = dir; os.Mkdir(dir, 0o700) != nil {
		rt.Fatal("no folder")
	}
	return r
}

// table returns rows as CSV.
func tableOf(header []string, rows []map[string]string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(header) // a strings.Builder takes everything
	for _, row := range rows {
		cells := make([]string, len(header))
		for i, name := range header {
			cells[i] = row[name]
		}
		_ = w.Write(cells)
	}
	w.Flush()
	return b.String()
}

// drawCells returns cells for the fields of the module, and the values that Zoho then has, as text.
func drawCells(rt *rapid.T) (cells, want map[string]string) {
	cells, want = map[string]string{}, map[string]string{}
	texts := []string{"=1+1", "'x", "a,b", "line\nline", `"q"`, "O'Hara", "Zoë 🙂", "-5", "007", "-None-"}
	set := func(name string, values []string, as func(string) string) {
		if rapid.Bool().Draw(rt, "has "+name) {
			cells[name] = rapid.SampledFrom(values).Draw(rt, name)
			want[name] = as(cells[name])
		}
	}
	same := func(s string) string { return s }
	set("Note", texts, same)
	set("Count", []string{"0", "-7", "999999999"}, same)
	set("Big", []string{"0012345600012", "999999999999999999"}, same)
	set("Price", []string{"1250.50", "-0.01", "9007199254740993"}, func(s string) string {
		n, _ := new(big.Rat).SetString(s)
		return n.RatString()
	})
	set("Day", []string{"2026-02-28", "2024-02-29"}, same)
	set("At", []string{"2026-02-28T10:00:00+05:30"}, func(string) string { return "2026-02-28T04:30:00Z" })
	set("Kind", []string{"blue", "Dark red"}, func(s string) string {
		return strings.ToUpper(s[:1]) + s[1:]
	})
	set("Tags", []string{"a", "b;a", "c d; a"}, func(s string) string {
		parts := strings.Split(strings.ReplaceAll(s, "; ", ";"), ";")
		slices.Sort(parts)
		return strings.Join(parts, ";")
	})
	return cells, want
}

// asText returns the values of a record in Zoho in the form of drawCells.
func asText(record map[string]any) map[string]string {
	texts := map[string]string{}
	for name, value := range record {
		switch name {
		case "id", "Name", "Code", "Done":
			continue
		case "Price":
			n, _ := new(big.Rat).SetString(fmt.Sprint(value))
			texts[name] = n.RatString()
		case "At":
			at, _ := time.Parse(time.RFC3339, fmt.Sprint(value))
			texts[name] = at.UTC().Format(time.RFC3339)
		case "Tags":
			var parts []string
			for _, part := range value.([]any) {
				parts = append(parts, fmt.Sprint(part))
			}
			slices.Sort(parts)
			texts[name] = strings.Join(parts, ";")
		default:
			texts[name] = fmt.Sprint(value)
		}
	}
	return texts
}

// After an insert of any table, the org has exactly its values. After an update and its undo, the org is as before.
func TestTheOrgHasTheTable(t *testing.T) {
	t.Parallel()
	header := []string{"Code", "Name", "Note", "Count", "Big", "Price", "Day", "At", "Kind", "Tags"}
	root, n := t.TempDir(), 0
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(noDeadline{t}, func(rt *rapid.T) {
			n++
			r := virtualRig(t, rt, filepath.Join(root, fmt.Sprint(n)), "")
			var rows []map[string]string
			want := map[string]map[string]string{}
			for i := range rapid.IntRange(1, 5).Draw(rt, "rows") {
				cells, has := drawCells(rt)
				cells["Code"], cells["Name"] = fmt.Sprint("c", i), "N"
				rows, want[cells["Code"]] = append(rows, cells), has
			}
			compare := func(when string) {
				got := map[string]map[string]string{}
				for code, record := range r.things("Code") {
					got[code] = asText(record)
				}
				if d := cmp.Diff(want, got); d != "" {
					rt.Fatalf("%s (-want +got):\n%s", when, d)
				}
			}
			made, _ := r.do(Insert, tableOf(header, rows), Options{})
			compare("inserted")
			var changes []map[string]string
			for range rapid.IntRange(1, 6).Draw(rt, "changes") {
				cells, _ := drawCells(rt)
				cells["id"] = rapid.SampledFrom(made.Rows).Draw(rt, "record")["rc_record_id"]
				changes = append(changes, cells)
			}
			<-time.After(time.Minute) // of the bubble: Zoho's times have seconds
			r.do(Update, tableOf(append([]string{"id"}, header[2:]...), changes), Options{})
			if back, res := r.undo(r.lastRun()); res.Summary.Rows.Error > 0 {
				rt.Fatal(back.Column("rc_code", "rc_message"))
			}
			compare("updated and undone")
		})
	})
}

// With any faults and kills, nothing is inserted twice, and each row's outcome is true.
func TestNothingIsInsertedTwice(t *testing.T) {
	t.Parallel()
	root, n := t.TempDir(), 0
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(noDeadline{t}, func(rt *rapid.T) {
			n++
			faults := rapid.SampledFrom([]string{"", "429=5%,500=5%,reset=5%,drop=10%,html=5%,truncate=5%"}).Draw(rt, "faults")
			r := virtualRig(t, rt, filepath.Join(root, fmt.Sprint(n)), faults)
			var rows []map[string]string
			for i := range rapid.IntRange(1, 6).Draw(rt, "rows") {
				cells := map[string]string{"Name": fmt.Sprint("n", i)}
				if rapid.Bool().Draw(rt, "unique") {
					cells["Code"] = fmt.Sprint("c", rapid.IntRange(0, 5).Draw(rt, "code"))
				}
				rows = append(rows, cells)
			}
			name := rapid.SampledFrom([]string{Insert, Upsert}).Draw(rt, "job")
			checks := map[string][]string{Upsert: {"Code"}}[name]
			q := r.request(name, tableOf([]string{"Name", "Code"}, rows), Options{DuplicateCheck: checks})
			q.Settings.MaxErrors = job.Threshold{Percent: 100, Number: -1, Set: true}
			kills := rapid.IntRange(0, 2).Draw(rt, "kills")
			dir := r.killed(rt, kills, q)
			all := r.things("Name") // it fails for a name that is there twice
			for i, row := range r.Table(filepath.Join(dir, "results.csv")).Rows {
				record := all[rows[i]["Name"]]
				switch {
				case row["rc_status"] == "not_attempted":
					rt.Fatalf("row %d has no outcome", i+1)
				case row["rc_action"] == "inserted" && name == Insert && (record == nil || record["id"] != row["rc_record_id"]):
					rt.Fatalf("row %d: %v, and the org has %v", i+1, row, record)
				case row["rc_status"] == "error" && row["rc_code"] != "OUTCOME_UNKNOWN" && name == Insert && record != nil:
					rt.Fatalf("row %d: %v, and the org has %v", i+1, row, record)
				}
			}
		})
	})
}

// killed does a run whose process is killed at some of its writes, and returns the folder of its results.
func (r *rig) killed(rt *rapid.T, kills int, q job.Request) (dir string) {
	dir = q.RunDir
	start := func(ctx context.Context) error { _, err := job.Start(ctx, q); return err }
	for k := 0; ; k++ {
		ctx, cancel := context.WithCancelCause(r.T.Context())
		left, applied := "", rapid.Bool().Draw(rt, "applied")
		at := rapid.IntRange(1, 3).Draw(rt, "at")
		by := r.Transport
		if k < kills {
			r.Transport = jobtest.RoundTripper(func(c *http.Request) (*http.Response, error) {
				if left != "" {
					return nil, jobtest.ErrCut
				}
				if c.Method == http.MethodPost && !strings.HasSuffix(c.URL.Path, "/coql") {
					at--
				}
				if at > 0 {
					return by.RoundTrip(c)
				}
				if applied {
					if answer, err := by.RoundTrip(c); err == nil {
						answer.Body.Close()
					}
				}
				left = r.Copy(dir, fmt.Sprintf("left%d", k))
				cancel(job.ErrInterrupted)
				return nil, jobtest.ErrCut
			})
		}
		err := start(ctx)
		cancel(nil)
		r.Transport = by
		if left == "" {
			if err != nil {
				rt.Fatal(err)
			}
			return dir
		}
		dir = left
		start = func(ctx context.Context) error {
			_, err := job.Resume(ctx, job.Again{RunDir: dir, Env: r.Env()})
			return err
		}
	}
}

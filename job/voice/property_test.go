package voice

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/export"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

// table draws a table of contacts with all fields but the status, as csv and as the lines that an export must have.
func drawTable(rt *rapid.T) (text string, want []string) {
	var b strings.Builder
	names := api.VoiceFields()
	columns := make([]csvio.Column, len(names))
	for i, name := range names {
		columns[i].Name = name
	}
	t, err := csvio.NewTableWriter(&b, columns, csvio.TableOptions{Format: csvio.FormatCSV, NoGuard: true})
	if err != nil {
		rt.Fatal(err)
	}
	words := rapid.StringMatching(`[A-Za-zäß0-9,;"'&%+ .@-]{0,8}[a-z]`)
	number := rapid.Custom(func(rt *rapid.T) string {
		return fmt.Sprintf("+1201%07d", rapid.IntRange(2000000, 9999999).Draw(rt, "line"))
	})
	of := map[string]string{} // by mobile
	var order []string
	for range rapid.IntRange(0, 8).Draw(rt, "rows") {
		cells, line := make([]csvio.Value, len(names)), ""
		for i, name := range names {
			value := ""
			switch {
			case name == "mobile" || isNumber(name) && rapid.Bool().Draw(rt, "has"):
				value = number.Draw(rt, name)
			case isNumber(name):
			case isFlag(name):
				value = rapid.SampledFrom([]string{"", "true", "false"}).Draw(rt, name)
			case name == "first_name" || rapid.Bool().Draw(rt, "has"):
				value = strings.TrimSpace(words.Draw(rt, name))
			}
			cells[i].Text = value
			line += value + "|"
		}
		if err := t.Write(cells); err != nil {
			rt.Fatal(err)
		}
		if mobile := cells[3].Text; of[mobile] == "" {
			order = append(order, mobile)
		}
		of[cells[3].Text] = line // the last row of a mobile counts
	}
	if err := t.Close(); err != nil {
		rt.Fatal(err)
	}
	for _, mobile := range order {
		want = append(want, of[mobile])
	}
	slices.Sort(want)
	return b.String(), want
}

// exported returns the contacts in an export, as drawTable does, and gives the file to another import.
func (r *rig) exported(n int) (path string, got []string) {
	r.T.Helper()
	path = filepath.Join(r.Dir, fmt.Sprintf("export%d.csv", n))
	var k *job.Kind
	for _, one := range export.Kinds() {
		if one.Name == export.Voice {
			k = one
		}
	}
	_, err := export.Start(r.T.Context(), export.Request{
		Kind: k, Options: export.Options{Output: path, Format: csvio.FormatCSV, Module: export.ModuleVoice},
		State: filepath.Join(r.Dir, "state"), Env: r.Env(),
	})
	if err != nil {
		r.T.Fatal(err)
	}
	for _, row := range r.Table(path).Rows {
		line := ""
		for _, name := range api.VoiceFields() {
			line += csvio.Unguard(row[name]) + "|"
		}
		got = append(got, line)
	}
	slices.Sort(got)
	return path, got
}

// Voice may have numbers that no import would send. A row of an export with such a number is unchanged, unless somebody
// changed the cell.
func TestOddNumbersOfVoiceSurviveARoundTrip(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	org, err := r.Connect(t.Context(), job.Settings{}, job.LogHooks(rundir.NewLog(false)))
	if err != nil {
		t.Fatal(err)
	}
	for _, odd := range []string{"1001", "12015550123"} {
		_, err := org.Client.CreateVoiceContact(t.Context(), api.VoiceWrite{Fields: fields{
			"first_name": "N" + odd, "mobile": odd, "phone": "+49 30 1234567"}})
		if err != nil {
			t.Fatal(err)
		}
	}
	path, _ := r.exported(1)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.Replace(string(text), ",1001,", ",1002,", 1)
	edited = strings.Replace(edited, ",N12015550123,", ",Ada,", 1)
	for _, test := range []struct {
		text string
		want []string
	}{
		{string(text), []string{"unchanged success SUCCESS", "unchanged success SUCCESS"}},
		{edited, []string{" error VALUE_INVALID", "updated success 200"}},
	} {
		table, _ := r.do(Import, test.text, Options{})
		if d := cmp.Diff(test.want, table.Column(shown...)); d != "" {
			t.Error(d, table.Column("rc_message"))
		}
	}
	if want := "first_name=Ada mobile=12015550123 phone=+49 30 1234567"; !slices.Contains(r.lines(), want) {
		t.Error(r.lines())
	}
}

// An export has exactly the imported contacts, also if an answer was lost, and an import of the export changes nothing.
func TestAnImportIsExportedAsItWas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t)
		text, want := drawTable(rt)
		var lost atomic.Int64 // the answer to this create is lost; 0: to none
		lost.Store(rapid.Int64Range(0, 4).Draw(rt, "lost"))
		r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, _ string, pass jobtest.Pass) {
			if left := lost.Add(-1); q.Method == http.MethodPost && left == 0 {
				r.ahead.Add(int64(5 * time.Second)) // nothing tells of the first two seconds of a run
				pass(jobtest.Discarded{})
				panic(http.ErrAbortHandler)
			}
			pass(w)
		}
		q := r.request(Import, text, Options{})
		q.Settings.Concurrency = 1
		if res := r.Start(q); res.Stop != nil {
			rt.Fatal(res.Stop)
		}
		path, got := r.exported(1)
		if d := cmp.Diff(want, got); d != "" {
			rt.Fatalf("%s\n%s", text, d)
		}
		if len(want) == 0 {
			return
		}
		q = r.request(Import, "", Options{})
		q.Input = path
		r.Start(q)
		for i, got := range r.Table(filepath.Join(q.RunDir, "results.csv")).Column(shown...) {
			if got != "unchanged success SUCCESS" {
				rt.Errorf("row %d: %s", i+1, got)
			}
		}
	})
}

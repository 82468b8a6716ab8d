package job

import (
	"io"
	"strings"
	"testing"

	"rolecall/csvio"
	"rolecall/job/rundir"
)

// On Windows results.csv begins with the byte order mark that Excel needs. Copies in another format and on stdout have
// no mark.
func TestResultsBeginWithAMarkOnWindows(t *testing.T) {
	t.Parallel()
	if markOn("windows") != csvio.MarkUTF8 || markOn("linux") != "" {
		t.Errorf("marks %q and %q", markOn("windows"), markOn("linux"))
	}
	const table = "deal_id,rc_row\n5,1\n"
	for _, mark := range []string{csvio.MarkUTF8, ""} {
		var out strings.Builder
		r := &run{kind: &Kind{}, folder: &rundir.Dir{Path: t.TempDir()}}
		err := r.convert(&out, strings.NewReader(mark+table), csvio.TableOptions{Format: csvio.FormatJSONL, Sheet: "results"})
		if err != nil {
			t.Fatal(err)
		}
		if got := out.String(); got != `{"deal_id":"5","rc_row":1}`+"\n" {
			t.Errorf("%q", got)
		}
		if got, err := io.ReadAll(unmarked(strings.NewReader(mark + table))); err != nil || string(got) != table {
			t.Errorf("%q, %v", got, err)
		}
	}
	if got, err := io.ReadAll(unmarked(strings.NewReader(""))); err != nil || len(got) > 0 {
		t.Errorf("%q, %v", got, err)
	}
}

package export

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/report"
)

// guard returns an error if the new file is suspiciously short. rows is the number of its rows.
func (o *output) guard(t *table, rows int64) error {
	if err := o.allGone(); err != nil {
		return err
	}
	has := "the export has " + report.Plural(rows, "row")
	if rows < o.set.MinRows {
		return refuse("%s, and --min-rows wants %s: %s; find out why, or export without --min-rows",
			has, report.Count(o.set.MinRows), o.fate())
	}
	if !o.set.MaxShrink.Set || o.set.Output == Stdout {
		return nil
	}
	before, err := countRows(o.set.Output, t.known)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return refuse("--max-shrink: the present file cannot be read for the comparison: %w; "+
			"move the file away or leave --max-shrink out: %s", err, o.fate())
	}
	// The limit is not rounded, because one row of a short file may be more than the user allows.
	if lost := before - rows; float64(lost)*100 > o.set.MaxShrink.Percent*float64(before) {
		return refuse("%s where the file has %s, a loss that --max-shrink %s does not allow: %s; "+
			"find out why, or export without --max-shrink", has, report.Count(before), o.set.MaxShrink, o.fate())
	}
	return nil
}

// refuse returns a Stop for an export that would end the same way if it were resumed.
func refuse(format string, args ...any) error {
	return &job.Stop{Reason: job.Refused, Err: fmt.Errorf(format, args...)}
}

// fate returns a clause for messages about the present file, which a refused export does not replace.
func (o *output) fate() string {
	if o.set.Output == Stdout {
		return "nothing was written"
	}
	return o.set.Output + " was left as it is"
}

// countRows counts the rows of a table.
func countRows(path string, known *csvio.Vocabulary) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	in, err := csvio.NewReader(f, csvio.Options{Name: path, Vocabulary: known})
	if err != nil {
		return 0, err
	}
	defer func() { _ = in.Close() }()
	for n := int64(0); ; n++ {
		if _, err := in.Read(); errors.Is(err, io.EOF) {
			return n, nil
		} else if err != nil {
			return 0, err
		}
	}
}

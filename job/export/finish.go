package export

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"rolecall/job"
	"rolecall/job/report"
)

// finish writes the files, keeps what the next export compares itself with, and removes the rest.
func (r *run) finish(org *job.Org) (*Result, error) {
	r.Progress.Enter(job.Writing, 0, 0)
	var err error
	if r.counts, err = r.s.counts(r.set.ViaContacts); err != nil {
		return nil, r.unwritten(err)
	}
	if err := r.whole(); err != nil {
		return nil, r.unwritten(err)
	}
	rows, err := r.write()
	if stop, ok := errors.AsType[*job.Stop](err); ok {
		res := &Result{Stop: stop, Summary: r.summary(org)}
		res.Summary.State, res.Summary.Stopped = report.Stopped, stop.Error()
		return res, errors.Join(r.close(), r.discard()) // to go on with it would end in the same way
	}
	if err != nil {
		return nil, r.unwritten(err)
	}
	if never := r.told.never(); len(never) > 0 {
		r.warn(fmt.Sprintf("--fields %s: no record had it, so that its column is empty; look at the API name in Zoho's setup", strings.Join(never, ",")))
	}
	changes, err := r.writeChanges()
	if err != nil {
		return nil, r.unwritten(err)
	}
	res := &Result{Summary: r.summary(org)}
	res.Summary.State, res.Summary.Rows, res.Summary.Changes = report.Finished, rows, changes
	if err := r.keepLast(); err != nil {
		return nil, r.unwritten(fmt.Errorf("%s is written, but not kept to tell what changes until the next export: %w", r.set.Output, err))
	}
	return res, nil
}

// whole holds that everything listed was read: a deal that was not would look like one without stakeholders.
func (r *run) whole() error {
	module := r.set.module()
	n, err := r.s.unread(module)
	if err == nil && n > 0 {
		err = fmt.Errorf("%s of %s were listed and not read: this is a mistake of rolecall's", report.Count(n), module)
	}
	return err
}

// unwritten is the end of an export whose files cannot be written.
func (r *run) unwritten(err error) error {
	return &job.Stop{Reason: job.Broken, Err: fmt.Errorf("write the export: %w (what was read is kept; once that is mended, go on with: %s)", err, job.ResumeCommand(r.dir, r.set.Pace))}
}

// keepLast makes the export the last one of its name, and removes its folder. One to stdout has no name.
func (r *run) keepLast() error {
	if err := r.close(); err != nil {
		return err
	}
	if r.set.Output != Stdout {
		if err := os.Rename(filepath.Join(r.dir, dbFile), filepath.Join(filepath.Dir(r.dir), lastFile)); err != nil {
			return err
		}
	}
	return r.discard()
}

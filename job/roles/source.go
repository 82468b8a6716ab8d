package roles

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/disk"
	"rolecall/job/picklist"
	"rolecall/job/rundir"
)

// source is what a run reads: a file, what was named on the command line, or another org's list.
type source struct {
	io.Reader

	close func()
	name  string // for people
	stem  string // what the run's folder is named after
	made  bool   // by rolecall, so that nobody need know how it is written
	from  *job.Identity
}

// source opens what is to be read.
func (q *Request) source(ctx context.Context, log *disk.Log) (*source, error) {
	switch {
	case q.Command == Copy:
		return q.otherList(ctx, log)
	case q.Input == "":
		table, err := namedTable(q.Named)
		return &source{Reader: table, close: func() {}, name: "the command line", stem: "named", made: true}, err
	}
	in, closeIn, err := rundir.OpenInput(ctx, q.Input, q.Stdin)
	name := q.Input
	if name == "-" {
		name = "stdin"
	}
	return &source{Reader: in, close: closeIn, name: name, stem: q.Input}, err
}

// shortestID is what tells an id from a name that happens to be a number (Zoho's samples have ids of 15 digits and up).
const shortestID = 15

// LooksLikeID says whether somebody who names a role means its id: digits, as many as ids have.
func LooksLikeID(word string) bool {
	id, err := csvio.ParseID(word)
	return err == nil && len(id) >= shortestID
}

// namedTable is a table of the roles that were named.
func namedTable(named []string) (io.Reader, error) {
	return tableOf([]csvio.Column{{Name: string(ID), Kind: csvio.IDColumn}, {Name: string(Name)}}, func(put func(...string) error) error {
		for _, word := range named {
			cells := []string{"", word}
			if LooksLikeID(word) {
				cells = []string{word, ""}
			}
			if err := put(cells...); err != nil {
				return err
			}
		}
		return nil
	})
}

// otherList reads the list of the org that is copied from. Its ids are none of the other's.
func (q *Request) otherList(ctx context.Context, log *disk.Log) (*source, error) {
	q.Progress.Enter(job.Connecting, 0, 0)
	set := q.Settings.Settings
	set.Profile = q.From
	org, err := q.Connect(ctx, set, job.LogHooks(log))
	if err != nil {
		return nil, job.StartError(ctx, err)
	}
	list, err := picklist.Read(ctx, org.Zoho)
	if err != nil {
		return nil, job.StartError(ctx, err)
	}
	table, err := tableOf([]csvio.Column{{Name: string(Name)}, {Name: string(Sequence), Kind: csvio.PlainColumn}}, func(put func(...string) error) error {
		for i, role := range list {
			if err := put(role.Name, strconv.Itoa(i+1)); err != nil {
				return err
			}
		}
		return nil
	})
	return &source{Reader: table, close: func() {}, name: fmt.Sprintf("the list of %s", q.From), stem: strings.ReplaceAll(q.From, ".", "-"), made: true, from: &org.Identity}, err
}

// tableOf makes a table in memory.
func tableOf(columns []csvio.Column, fill func(put func(...string) error) error) (io.Reader, error) {
	var b bytes.Buffer
	t, err := csvio.NewTableWriter(&b, columns, csvio.TableOptions{Format: csvio.FormatCSV, NoGuard: true, BareIDs: true})
	if err != nil {
		return nil, err
	}
	err = fill(func(cells ...string) error {
		values := make([]csvio.Value, len(cells))
		for i, cell := range cells {
			values[i].Text = cell
		}
		return t.Write(values)
	})
	if e := t.Close(); err == nil {
		err = e
	}
	return &b, err
}

package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"rolecall/csvio"
	"rolecall/job/rundir"
	"rolecall/job/stakeholder"
)

// fileThere checks that the file exists, before the other checks cost credits. It reads nothing, because the file may
// be a pipe.
func (d *Doctor) fileThere(name string) bool {
	if name == "" || name == "-" {
		return true
	}
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		err = fmt.Errorf("%s is a folder", name)
	case err == nil && info.Mode().IsRegular():
		var f *os.File
		if f, err = os.Open(name); err == nil {
			err = f.Close()
		}
	}
	if err == nil {
		return true
	}
	d.fail(Configuration, "file", err.Error(), "give a file that is there and can be read")
	d.skip("headers", "ids", "rows", "row-roles", "config", "store", "secrets")
	d.skip("accounts", "api", "clock", "token", "data-centre")
	d.skip(orgChecks()...)
	return false
}

// examineFile checks a file's dialect, header, ids and first rows.
func (d *Doctor) examineFile(ctx context.Context, f File) {
	in, closeFile, err := rundir.OpenInput(ctx, f.Path, d.Stdin)
	if err != nil {
		d.fail(Configuration, "file", err.Error(), "give a file that is there and can be read")
		d.skip("headers", "ids", "rows", "row-roles")
		return
	}
	defer closeFile()
	o := f.Options
	o.Name, o.Vocabulary, o.Command = f.Path, csvio.Stakeholders(), f.command()
	stakeholder.Translate(f.RoleMap, &o)
	f.External.Apply(&o)
	o.Needs = [][]csvio.Field{
		{csvio.DealID, csvio.DealName}, {csvio.ContactID, csvio.ContactEmail, csvio.ContactName},
		{csvio.Role, csvio.RoleID},
	}
	table, err := csvio.NewReader(in, o)
	if problem, ok := errors.AsType[*csvio.FileError](err); ok {
		d.unusable(problem)
		return
	}
	if err != nil {
		d.fail(Configuration, "file", err.Error(), "give a file that can be read")
		return
	}
	defer func() { _ = table.Close() }()
	d.ok("file", "%s", table.Dialect())
	if table.Empty() {
		d.warn("headers", "the file is empty: a run of it does nothing", "give the right file")
		d.skip("ids", "rows", "row-roles")
		return
	}
	d.headers(table)
	d.rows(ctx, table, f)
}

// unusable reports why a table cannot be read. A table without a role is only a warning: remove needs no role.
func (d *Doctor) unusable(problem *csvio.FileError) {
	hint := problem.Hint
	problem.Hint = ""
	name := "file"
	if len(problem.Missing) > 0 {
		name = "headers"
	} else {
		d.skip("headers")
	}
	d.skip("ids", "rows", "row-roles")
	if slices.Equal(problem.Missing, []csvio.Field{csvio.Role}) {
		d.warn(name, problem.Error()+": it fits remove, not assign", hint)
		return
	}
	d.fail(Configuration, name, problem.Error(), hint)
}

func (d *Doctor) headers(table *csvio.Reader) {
	var has []string
	for _, f := range csvio.Stakeholders().Fields() {
		if table.Has(f) {
			has = append(has, string(f))
		}
	}
	if text := table.ForeignIDs(); text != "" {
		d.warn("headers", text, "nothing, if the other columns name the deals and contacts")
	}
	d.ok("headers", "%d columns; found: %s", len(table.Header()), join(has))
}

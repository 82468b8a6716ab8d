package picklist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/rundir"
)

// shortestID is the fewest digits of an id, because the ids in Zoho's samples have 15 digits or more. A shorter number
// is a name.
const shortestID = 15

// LooksLikeID reports whether a word that names a role is an id: it has only digits, and as many as an id has.
func LooksLikeID(word string) bool {
	id, err := csvio.ParseID(word)
	return err == nil && len(id) >= shortestID
}

// Named returns the input of roles delete for the words of a command line, which are ids or names.
func Named(words []string) (*job.Made, error) {
	columns := []csvio.Column{{Name: string(ID), Kind: csvio.IDColumn}, {Name: string(Name)}}
	table, err := tableOf(columns, true, len(words), func(i int) []csvio.Value {
		if LooksLikeID(words[i]) {
			return []csvio.Value{{Text: words[i]}, {}}
		}
		return []csvio.Value{{}, {Text: words[i]}}
	})
	return &job.Made{Reader: table, Name: "the command line", Stem: "named", Adapt: adapt(false)}, err
}

// OtherList returns the input of roles copy: the list of the org of the profile from. It leaves out the ids, because
// the other org has different ones.
func OtherList(ctx context.Context, env *job.Env, set job.Settings, from string) (*job.Made, error) {
	env.Progress.Enter(job.Connecting, 0, 0)
	set.Profile = from
	org, err := env.Connect(ctx, set, job.LogHooks(rundir.NewLog(env.Verbose))) // the run has no log yet
	if err != nil {
		return nil, job.StartError(ctx, err)
	}
	list, err := Read(ctx, org.Client)
	if err != nil {
		return nil, job.StartError(ctx, err)
	}
	columns := []csvio.Column{{Name: string(Name)}, {Name: string(Sequence), Kind: csvio.PlainColumn}}
	table, err := tableOf(columns, true, len(list), func(i int) []csvio.Value {
		return []csvio.Value{{Text: list[i].Name}, {Text: strconv.Itoa(i + 1)}}
	})
	return &job.Made{
		Reader: table, Name: "the list of " + from, Stem: strings.ReplaceAll(from, ".", "-"), From: &org.Identity,
		Adapt: adapt(true),
	}, err
}

// adapt returns a function that fits settings to a table that rolecall made: it clears the settings that say how to
// read the user's own table.
func adapt(byName bool) func(*job.Settings) {
	return func(set *job.Settings) {
		set.Encoding, set.Delimiter, set.Map, set.Limit, set.HeaderRow, set.Sheet = "", 0, nil, 0, 0, ""
		if o, err := job.OptionsOf[Options](*set); err == nil {
			o.ByName = byName
			set.Options = job.Encode(o)
		}
	}
}

// tableOf returns a table of n rows in memory. Only the input of undo, which is known by its columns, is guarded.
func tableOf(columns []csvio.Column, noGuard bool, n int, row func(i int) []csvio.Value) (io.Reader, error) {
	var b bytes.Buffer
	t, err := csvio.NewTableWriter(&b, columns,
		csvio.TableOptions{Format: csvio.FormatCSV, NoGuard: noGuard, BareIDs: true})
	if err != nil {
		return nil, err
	}
	return &b, writeRows(t, n, row)
}

// WriteList writes an org's roles as a table that roles import accepts.
func WriteList(w io.Writer, l List, o csvio.TableOptions) error {
	o.Sheet = sheet
	t, err := csvio.NewTableWriter(w, []csvio.Column{
		{Name: string(ID), Kind: csvio.IDColumn}, {Name: string(Name)},
		{Name: string(Sequence), Kind: csvio.PlainColumn},
	}, o)
	if err != nil {
		return err
	}
	return writeRows(t, len(l), func(i int) []csvio.Value {
		position := strconv.Itoa(i + 1)
		if l[i].Sequence > 0 {
			position = strconv.Itoa(l[i].Sequence)
		}
		return []csvio.Value{{Text: l[i].ID}, {Text: l[i].Name}, {Text: position, JSON: []byte(position)}}
	})
}

// writeRows writes the rows of a table and closes it.
func writeRows(t *csvio.TableWriter, n int, row func(i int) []csvio.Value) error {
	for i := range n {
		if err := t.Write(row(i)); err != nil {
			return errors.Join(err, t.Close())
		}
	}
	if err := t.Close(); err != nil {
		return fmt.Errorf("end the table of roles: %w", err)
	}
	return nil
}

package job

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strings"

	"rolecall/csvio"
	"rolecall/job/report"
)

// Earlier is a finished or stopped run, as the source of another run: undo takes it back, and verify compares it with
// the org. It is open and locked until Close.
type Earlier struct {
	Results
	Kind     *Kind
	Name     string   // its folder, as the user typed it
	Settings Settings // the settings of the run
	Finished bool     // nothing of the run is left to do
	Left     int64    // rows that have no outcome

	run    *run
	org    Identity
	closes []func()
}

// OpenEarlier opens the run in a folder and locks the run. The error is [ErrLocked] if another process holds the run.
func OpenEarlier(dir string, env Env) (*Earlier, error) {
	a := &Again{RunDir: dir, Env: env, reports: true} // the run sends nothing, so it is trusted as report trusts it
	r, err := a.openDB()
	if err != nil {
		return nil, err
	}
	e := &Earlier{Results: Results{r.db}, Name: r.folder.Name, run: r, closes: []func(){func() { _ = r.close() }}}
	if err := e.load(a); err != nil {
		e.Close()
		return nil, damaged(r.folder, err)
	}
	return e, nil
}

// load reads the facts of the run.
func (e *Earlier) load(a *Again) error {
	r := e.run
	if err := a.known(r); err != nil {
		return err
	}
	err := errors.Join(r.db.Index(), r.db.Get(factOrg, &e.org), r.db.Get(factFinished, &e.Finished))
	if err != nil {
		return err
	}
	counts, err := r.db.Count()
	e.Kind, e.Settings, e.Left = r.kind, r.Settings, counts.Open
	return err
}

// Notebook returns the facts that the job stored in the run.
func (e *Earlier) Notebook() Notebook { return notebook{e.run} }

// Close unlocks the run.
func (e *Earlier) Close() {
	for _, end := range e.closes {
		end()
	}
	e.closes = nil
}

// Inverse returns the job that takes the run back, with its input. The input reads from the run, so the caller closes
// the run after the input is read.
func (e *Earlier) Inverse() (*Kind, *Made, error) {
	if e.Kind.Inverse == nil {
		return nil, nil, &UsageError{Err: fmt.Errorf("%s is a run of %s, which changes nothing in Zoho: "+
			"there is nothing to take back", e.Name, e.Kind.Name)}
	}
	kind, made, err := e.Kind.Inverse(e)
	return kind, made, damaged(e.run.folder, err)
}

// Config returns the config file with the run's profile: given, or the file of the run if given is "". It refuses the
// file of a run that this machine did not make, because a config file may name a command to run.
func (e *Earlier) Config(given string) (string, error) {
	if given == "" && e.Settings.Config != "" && !e.run.own {
		return "", e.run.notOwn("it names a config file", "--config", e.Settings.Config)
	}
	return cmp.Or(given, e.Settings.Config), nil
}

// VoiceURL returns the URL of the server of Zoho Voice: given, or the URL of the run if given is "". It refuses the URL
// of a run that this machine did not make, because the server gets the access token.
func (e *Earlier) VoiceURL(given string) (string, error) {
	if given == "" && e.Settings.VoiceURL != "" && !e.run.own {
		return "", e.run.notOwn("it names a server of Zoho Voice", "--voice-url", e.Settings.VoiceURL)
	}
	return cmp.Or(given, e.Settings.VoiceURL), nil
}

// Taken returns the input of the run that takes the run back: a table with a row for each row of the run for which
// cells returns any. The table is made while it is read, so memory stays flat.
func (e *Earlier) Taken(columns []csvio.Column, cells func(*Row) []csvio.Value) (*Made, error) {
	var b bytes.Buffer
	t, err := csvio.NewTableWriter(&b, columns, csvio.TableOptions{
		Format: csvio.FormatCSV, BareIDs: true, // guarded: the results, which people open, repeat the cells
	})
	if err != nil {
		return nil, err
	}
	next, stop := iter.Pull2(e.InOrder())
	e.closes = append([]func(){stop}, e.closes...)
	more := func() error {
		row, err, ok := next()
		switch {
		case !ok:
			return cmp.Or(t.Close(), io.EOF)
		case err != nil:
			return damaged(e.run.folder, fmt.Errorf("read %s: %w", e.run.db.Path(), err))
		}
		if values := cells(&row); values != nil {
			return t.Write(values)
		}
		return nil
	}
	return e.Made(&madeTable{text: &b, more: more}), nil
}

// Made returns a table as the input of the run that takes the run back.
func (e *Earlier) Made(table io.Reader) *Made {
	return &Made{Reader: table, Name: e.Name, Stem: e.stem(), Of: e}
}

// stem returns the first part of the folder name of a run that takes the run back: the run's own name without its
// command and its time. So the name does not grow with each undo of an undo.
func (e *Earlier) stem() string {
	name := filepath.Base(e.Name)
	if abs, err := filepath.Abs(e.Name); err == nil { // the user may have typed a dot
		name = filepath.Base(abs)
	}
	if at := strings.LastIndex(name, "-"+strings.ReplaceAll(e.Kind.Name, " ", "-")+"-"); at > 0 {
		name = name[:at]
	}
	return strings.ReplaceAll(name, ".", "-") // else NameFor would cut off the part after the dot
}

// checkOrg refuses to take the run back on another org than its own.
func (e *Earlier) checkOrg(now Identity) error {
	if e.org.Same(now) {
		return nil
	}
	return &UsageError{Err: fmt.Errorf("%s was a run on another org (%s) than the one signed in to now (%s): "+
		"nothing was sent; sign in to the org of the run (--profile)", e.Name, e.org, now)}
}

// Unfinished returns a note for people if rows of the run are not done, or "".
func (e *Earlier) Unfinished() string {
	if e.Finished {
		return ""
	}
	return fmt.Sprintf("%s is not finished (%s not done): undo takes back what it did so far", e.Name,
		report.Plural(e.Left, "row"))
}

// madeTable is a table that is made while it is read.
type madeTable struct {
	text *bytes.Buffer
	more func() error // adds to text; io.EOF: the table is complete
	err  error
}

// Read implements io.Reader.
func (m *madeTable) Read(b []byte) (int, error) {
	for m.text.Len() == 0 && m.err == nil {
		m.err = m.more()
	}
	if m.text.Len() > 0 {
		return m.text.Read(b)
	}
	return 0, m.err
}

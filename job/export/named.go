package export

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"strconv"

	"rolecall/csvio"
	"rolecall/csvio/alike"
	"rolecall/job"
)

// named collects the deals that the user named, as the input of the run.
type named struct {
	table bytes.Buffer // a million of them are 24 MB
	ids   hash.Hash
}

func newNamed() *named {
	n := &named{ids: sha256.New()}
	n.table.WriteString("deal_id,line,deal_name,field,key,cell\n")
	return n
}

// add adds the deal of a cell, with its line in the file, or 0. It returns the deal's id.
func (n *named) add(cell string, line int) (id string, err error) {
	id, problem := csvio.ParseID(cell)
	if problem != nil {
		return "", problem
	}
	_, _ = fmt.Fprintln(n.ids, id) // a hash takes everything
	_, _ = fmt.Fprintf(&n.table, "%s,%d,,,,\n", id, line)
	return id, nil
}

// look adds a deal that the run must look up.
func (n *named) look(a lineAsk) error {
	_, _ = fmt.Fprintf(n.ids, "%q %q %q %q\n", a.Name, a.Field, a.Key, a.Cell) // a hash takes everything
	w := csv.NewWriter(&n.table)
	err := w.Write([]string{"", strconv.FormatInt(a.Line, 10), a.Name, a.Field, a.Key, a.Cell})
	w.Flush()
	return err
}

// sum returns a hash of the ids, or "" if n is nil.
func (n *named) sum() string {
	if n == nil {
		return ""
	}
	return hex.EncodeToString(n.ids.Sum(nil))
}

// made returns the input of the run, or nil if n is nil.
func (n *named) made() *job.Made {
	if n == nil {
		return nil
	}
	return &job.Made{Reader: &n.table, Name: "the deals that were named"}
}

// readNamed reads the deals from the user's table. It refuses rounded ids, because they may be ids of other deals.
func (q *Request) readNamed(r io.Reader, o csvio.Options) (*named, error) {
	name := o.Name
	o.Vocabulary, o.Needs = csvio.Stakeholders(), [][]csvio.Field{{csvio.DealID, csvio.DealName}}
	o.External.Apply(&o)
	o.Map = maps.Clone(o.Map)
	maps.DeleteFunc(o.Map, func(f csvio.Field, _ string) bool { return f != csvio.DealID && f != csvio.DealName })
	in, err := csvio.NewReader(r, o)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	if in.Empty() { // an export of no deals would replace the file by an empty one
		return nil, fmt.Errorf("%s: no input, not even a header: did the command that writes it fail?", name)
	}
	n, rounding, origin := newNamed(), csvio.Rounding{File: name}, csvio.Origin{File: name, Command: o.Command}
	for {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			return n, q.judge(&rounding)
		}
		if err != nil {
			return nil, err
		}
		if rec.Malformed != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, rec.Line, rec.Malformed)
		}
		ask, problem := q.lookOf(in, &origin, rec.Line)
		if problem == nil && ask != nil {
			problem = n.look(*ask)
		}
		if problem == nil && ask != nil {
			continue
		}
		var id string
		if problem == nil {
			id, problem = n.add(in.Value(csvio.DealID), rec.Line)
		}
		if wrong := origin.Judge(); problem != nil && wrong != nil {
			return nil, wrong
		}
		if problem != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, rec.Line, problem)
		}
		rounding.Observe(csvio.DealID, id, rec.Line)
	}
}

// lookOf returns how the deal of the row that in read last is looked up, or nil if the row has its id.
func (q *Request) lookOf(in *csvio.Reader, origin *csvio.Origin, line int) (*lineAsk, error) {
	a := &lineAsk{Line: int64(line), Name: alike.Shown(in.Value(csvio.DealName))}
	cell := alike.Trim(in.Value(csvio.DealID))
	if a.Field, a.Key = in.Key(csvio.DealID); a.Field != "" {
		a.Name = ""
		if between := csvio.Several(cell); between != "" {
			return nil, fmt.Errorf("deal_id: %q holds several keys, with %q between them: make a row of each", cell, between)
		}
		return a, nil
	}
	origin.Like = in.Like()
	_, rounded := csvio.RoundedID(cell)
	_, err := origin.Parse(csvio.DealID, cell, line)
	switch {
	case cell == "" && a.Name != "":
		return a, nil
	case rounded && q.RepairIDs && a.Name == "":
		return nil, fmt.Errorf("deal_id: %q looks rounded, and the row has no deal_name that proves which deal is meant", cell)
	case rounded && q.RepairIDs:
		a.Cell = cell
		return a, nil
	case err != nil:
		return nil, err
	}
	return nil, nil
}

// judge refuses rounded ids, unless the user accepts them. It warns of ids that may be rounded.
func (q *Request) judge(rounding *csvio.Rounding) error {
	if q.Settings.AcceptRoundedIDs {
		return nil
	}
	return rounding.Judge(func(text string) {
		q.note(text)
		q.Warn(text)
	})
}

// The columns of the input of the run beside those of the deal: the line in the user's table, the field of Zoho that
// has a key, the key, and a rounded id.
const (
	fieldLine  csvio.Field = "line"
	fieldField csvio.Field = "field"
	fieldKey   csvio.Field = "key"
	fieldCell  csvio.Field = "cell"
)

// namedTable returns the columns of the input of the run.
func namedTable() *csvio.Vocabulary {
	return &csvio.Vocabulary{Columns: []csvio.KnownColumn{
		{Field: csvio.DealID, IDs: true}, {Field: fieldLine}, {Field: csvio.DealName}, {Field: fieldField},
		{Field: fieldKey}, {Field: fieldCell},
	}}
}

// survey turns the named deals into rows.
type survey struct{}

// lineAsk is the request of a named deal before it is looked up.
type lineAsk struct {
	Line  int64  `json:"line"`
	Name  string `json:"name,omitempty"`  // of the deal, if the table has no id of it
	Field string `json:"field,omitempty"` // of Zoho, with the key
	Key   string `json:"key,omitempty"`
	Cell  string `json:"cell,omitempty"` // the rounded id beside the name
}

// Row implements job.Survey. If a deal is named twice, its second row repeats the first, because both have the same
// item.
func (survey) Row(in *csvio.Reader, rec *csvio.Record) (job.Row, error) {
	line, err := strconv.ParseInt(in.Value(fieldLine), 10, 64)
	if err != nil || rec.Malformed != nil {
		return job.Row{}, fmt.Errorf("the list of the deals that were named cannot be read at row %d", rec.Row)
	}
	row := job.Row{Phase: phaseDeals, Item: "deal", Ask: job.Encode(lineAsk{
		line, in.Value(csvio.DealName), in.Value(fieldField), in.Value(fieldKey), in.Value(fieldCell),
	})}
	if id := in.Value(csvio.DealID); id != "" {
		row.Key = key(id)
	}
	return row, nil
}

// End implements job.Survey.
func (survey) End(*csvio.Reader, func(string), func(string)) error { return nil }

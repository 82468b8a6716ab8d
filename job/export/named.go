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

// named collects the deals that the user named. They become the input of the run.
type named struct {
	table bytes.Buffer // a million of them are 24 MB
	ids   hash.Hash
}

func newNamed() *named {
	n := &named{ids: sha256.New()}
	n.table.WriteString("deal_id,line,deal_name\n")
	return n
}

// add adds the deal of a cell, with its line in the file, or 0. It returns the deal's id.
func (n *named) add(cell string, line int) (id string, err error) {
	id, problem := csvio.ParseID(cell)
	if problem != nil {
		return "", problem
	}
	_, _ = fmt.Fprintln(n.ids, id) // a hash takes everything
	_, _ = fmt.Fprintf(&n.table, "%s,%d,\n", id, line)
	return id, nil
}

// addName adds the deal of that name, with its line in the file.
func (n *named) addName(name string, line int) error {
	_, _ = fmt.Fprintf(n.ids, "%q\n", name) // a hash takes everything
	w := csv.NewWriter(&n.table)
	err := w.Write([]string{"", strconv.Itoa(line), name})
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

// readNamed reads the deals from a table of the user's. It refuses rounded ids, which would export other deals.
func (q *Request) readNamed(r io.Reader, o csvio.Options) (*named, error) {
	name := o.Name
	o.Vocabulary, o.Needs = csvio.Stakeholders(), [][]csvio.Field{{csvio.DealID, csvio.DealName}}
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
	n, rounding := newNamed(), csvio.Rounding{File: name}
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
		if name := alike.Shown(in.Value(csvio.DealName)); name != "" && alike.Trim(in.Value(csvio.DealID)) == "" {
			if err := n.addName(name, rec.Line); err != nil {
				return nil, err
			}
			continue
		}
		id, err := n.add(in.Value(csvio.DealID), rec.Line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, rec.Line, err)
		}
		rounding.Observe(csvio.DealID, id, rec.Line)
	}
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

// fieldLine is the column of the line in the input of the run.
const fieldLine csvio.Field = "line"

// namedTable returns the columns of the input of the run.
func namedTable() *csvio.Vocabulary {
	return &csvio.Vocabulary{Columns: []csvio.KnownColumn{
		{Field: csvio.DealID, IDs: true}, {Field: fieldLine}, {Field: csvio.DealName},
	}}
}

// survey turns the named deals into rows.
type survey struct{}

// lineAsk is the request of a named deal before it is looked up.
type lineAsk struct {
	Line int64  `json:"line"`
	Name string `json:"name,omitempty"` // of the deal, if the table has no id of it
}

// Row implements job.Survey. If a deal is named twice, its second row repeats the first, because both have the same
// item.
func (survey) Row(in *csvio.Reader, rec *csvio.Record) (job.Row, error) {
	line, err := strconv.ParseInt(in.Value(fieldLine), 10, 64)
	if err != nil || rec.Malformed != nil {
		return job.Row{}, fmt.Errorf("the list of the deals that were named cannot be read at row %d", rec.Row)
	}
	row := job.Row{Phase: phaseDeals, Item: "deal", Ask: job.Encode(lineAsk{line, in.Value(csvio.DealName)})}
	if id := in.Value(csvio.DealID); id != "" {
		row.Key = key(id)
	}
	return row, nil
}

// End implements job.Survey.
func (survey) End(*csvio.Reader, func(string), func(string)) error { return nil }

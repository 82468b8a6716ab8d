package roles

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/picklist"
)

// A table of roles is held in memory. What is larger than this is not one: an org has a hundred roles at most.
const (
	mostRows  = 10_000
	mostBytes = 16 << 20
)

// row is one row of the input, checked.
type row struct {
	number, line int64
	cells        []string // as read
	id, name     string   // "" where it has none
	position     int      // from 1; 0 where it has none
	sameAs       int64    // an earlier row that says the same of the same role; 0: none
	bad          *reject  // why it can never be sent
}

// reject is why a row can never be sent.
type reject struct{ code, message, details string }

// table is the input, read.
type table struct {
	header []string
	unread []string // columns that mean nothing here
	rows   []row
}

// readTable reads the rows of an input, at most limit of them (0: all).
func readTable(ctx context.Context, r io.Reader, o csvio.Options, set *Settings) (*table, *csvio.Reader, error) {
	in, err := csvio.NewReader(r, o)
	if err != nil {
		return nil, nil, &job.UsageError{Err: err}
	}
	whole := false
	defer func() {
		if !whole {
			_ = in.Close() // what is wrong tells more
		}
	}()
	t := &table{header: in.Header(), unread: in.Unread()}
	rounding := csvio.Rounding{File: o.Name}
	size := 0
	for set.Limit == 0 || int64(len(t.rows)) < set.Limit {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if ctx.Err() != nil {
			return nil, nil, &job.Stop{Reason: job.Interrupted, Err: job.ErrInterrupted}
		}
		if err != nil {
			return nil, nil, &job.UsageError{Err: err}
		}
		if size += rec.Size; len(t.rows) == mostRows || size > mostBytes {
			return nil, nil, &job.UsageError{Err: fmt.Errorf("%s:%d: the table has more than %d rows or %d MiB, and an org has %d roles at most: is it a table of roles? (--limit takes the first rows of it)",
				o.Name, rec.Line, mostRows, mostBytes>>20, picklist.MostRoles)}
		}
		t.rows = append(t.rows, newRow(in, rec, set, &rounding))
	}
	if err := rounding.Err(); err != nil && !set.AcceptRoundedIDs {
		return nil, nil, &job.UsageError{Err: err}
	}
	markRepeats(t.rows)
	whole = true
	return t, in, nil
}

// newRow checks one record. What is wrong with it stands in the row.
func newRow(in *csvio.Reader, rec *csvio.Record, set *Settings, rounding *csvio.Rounding) row {
	r := row{number: int64(rec.Row), line: int64(rec.Line), cells: append([]string{}, rec.Cells...)}
	if rec.Malformed != nil {
		r.bad = &reject{job.CodeRowMalformed, rec.Malformed.Reason, job.RawDetails(rec.Malformed.Raw)}
		return r
	}
	r.name = strings.TrimSpace(in.Value(Name))
	if cell := in.Value(ID); strings.TrimSpace(cell) != "" && !set.ByName {
		id, err := csvio.ParseID(cell)
		if err != nil {
			r.bad = &reject{code: err.Code, message: string(ID) + ": " + err.Message}
			return r
		}
		rounding.Observe(ID, id)
		r.id = id
	}
	if cell := strings.TrimSpace(in.Value(Sequence)); cell != "" {
		n, err := strconv.ParseUint(cell, 10, 31)
		if err != nil || n == 0 {
			r.bad = &reject{code: job.CodeSequenceInvalid, message: fmt.Sprintf("%s: %.60q is no position in a list: it is a whole number from 1 on", Sequence, cell)}
			return r
		}
		r.position = int(n) //nolint:gosec // it has 31 bits
	}
	return r
}

// subject is the role that a row is about, as far as the row alone tells.
func (r *row) subject() picklist.Cell {
	if r.id != "" {
		return picklist.Cell{Text: r.id, ByID: true}
	}
	return picklist.Cell{Text: picklist.Fold(r.name)}
}

// says whether two rows ask the same of one role.
func (r *row) same(o *row) bool {
	return r.subject() == o.subject() && r.name == o.name && r.position == o.position
}

// markRepeats finds the rows that say what the latest row about their role said, where no row between them can have changed what that came to.
func markRepeats(rows []row) {
	latest := map[picklist.Cell]said{}
	var now changes
	for i := range rows {
		r := &rows[i]
		if r.bad != nil {
			continue
		}
		if before, ok := latest[r.subject()]; ok && before.same(r) && before.holds(now) {
			r.sameAs = before.number
			continue
		}
		now.count(r)
		latest[r.subject()] = said{r, now}
	}
}

// changes counts rows that may change what a row says whose role is told in another way: only the list knows which role a name is that of.
type changes struct {
	names      int // roles get names by their ids: others may be free from then on
	byID, name int // roles get places, by their ids and by their names
}

func (c *changes) count(r *row) {
	switch {
	case r.id != "" && r.name != "":
		c.names++
		fallthrough
	case r.id != "" && r.position > 0:
		c.byID++
	case r.id == "" && r.position > 0:
		c.name++
	}
}

// said is the latest row about a role, and how many changes there were with it.
type said struct {
	*row

	then changes
}

// holds says whether nothing since can have made the row another one.
func (s *said) holds(now changes) bool {
	elsewhere := s.then.byID == now.byID
	if s.id != "" {
		elsewhere = s.then.name == now.name
	}
	return (s.name == "" || s.then.names == now.names) && (s.position == 0 || elsewhere)
}

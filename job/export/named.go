package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"

	"zombiezen.com/go/sqlite"
)

// named are the deals that a user named, and where: a line of a file, or 0 on the command line.
type named struct {
	keys  []byte // key after key: a million of them are 20 MB
	lines []uint32
}

func (n *named) add(cell string, line int) error {
	id, problem := csvio.ParseID(cell)
	if problem != nil {
		return problem
	}
	n.keys, n.lines = append(n.keys, key(id)...), append(n.lines, uint32(line)) // #nosec G115 -- a file of so many lines has no place
	return nil
}

// all gives each deal and where it was named.
func (n *named) all() iter.Seq2[string, int64] {
	return func(yield func(string, int64) bool) {
		for i, line := range n.lines {
			if !yield(string(n.keys[i*idWidth:(i+1)*idWidth]), int64(line)) {
				return
			}
		}
	}
}

// sum tells whether two are the same; of none it is "".
func (n *named) sum() string {
	if n == nil {
		return ""
	}
	sum := sha256.Sum256(n.keys)
	return hex.EncodeToString(sum[:])
}

// readNamed reads the deals of a file.
func readNamed(r io.Reader, name string) (*named, error) {
	in, err := csvio.NewReader(r, csvio.Options{Name: name, Vocabulary: csvio.Stakeholders(), Needs: [][]csvio.Field{{csvio.DealID}}})
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	n := &named{}
	for {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return nil, err
		}
		if rec.Malformed != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, rec.Line, rec.Malformed)
		}
		if err := n.add(in.Value(csvio.DealID), rec.Line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, rec.Line, err)
		}
	}
}

// listNamed lists the deals that the user named. One that the org does not have is the user's mistake.
func (l *lister) listNamed(ctx context.Context) error {
	if err := l.s.clear(l.module); err != nil {
		return err
	}
	for last := ""; ; {
		ids, err := l.s.after("named", "deal", last, l.version.MostInQuery())
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return l.missing()
		}
		records, err := l.byIDs(ctx, ids)
		if err != nil {
			return err
		}
		if err := l.take(records); err != nil {
			return err
		}
		last = key(ids[len(ids)-1])
	}
}

// byIDs gives those of some records that are there, as many as one query may name.
func (l *lister) byIDs(ctx context.Context, ids []string) ([]api.Record, error) {
	if !l.noQuery {
		page, err := l.zoho.Query(ctx, l.inQuery(ids), len(ids))
		if l.noQuery = api.NotOffered(err); !l.noQuery {
			joinNames(page.Records, l.fields, l.version)
			return page.Records, err
		}
	}
	if err := l.ownFields(); err != nil {
		return nil, err
	}
	page, err := l.zoho.Records(ctx, l.module, api.RecordsQuery{Fields: l.fields, IDs: ids})
	return page.Records, err
}

func (l *lister) inQuery(ids []string) string {
	return fmt.Sprintf("select %s from %s where id in ('%s') limit %d", queryColumns(l.fields, l.version), l.module, strings.Join(ids, "','"), len(ids))
}

// shownMissing is how many deals a message lists.
const shownMissing = 5

// missing is an error if the org does not have a deal that was named.
func (l *lister) missing() error {
	var texts []string
	n := 0
	l.s.Lock()
	err := l.s.Query("SELECT deal, line FROM named WHERE deal NOT IN (SELECT deal FROM deals) ORDER BY line, deal", func(st *sqlite.Stmt) error {
		if n++; n > shownMissing {
			return nil
		}
		text := unkey(st.ColumnText(0))
		if line := st.ColumnInt64(1); line > 0 {
			text += fmt.Sprintf(" (line %d)", line)
		}
		texts = append(texts, text)
		return nil
	})
	l.s.Unlock()
	if err != nil || n == 0 {
		return err
	}
	if n > shownMissing {
		texts = append(texts, fmt.Sprintf("and %d more", n-shownMissing))
	}
	return &job.UsageError{Err: fmt.Errorf("this org has no such deal, or does not show it to this user: %s; take it out of what you name, or look whether this is the right org", strings.Join(texts, ", "))}
}

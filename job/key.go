package job

import (
	"bytes"
	"iter"
)

// keyRows is the rows of one key, with the rows that follow another row apart from the others.
type keyRows struct {
	group     Group
	followers []follower
	sent      map[int64]bool // rows of which this process made a call
}

// follower is a row that is not sent, because its outcome depends on another row of its item. It repeats an earlier
// row, or a later row supersedes it.
type follower struct {
	row        Row
	of, line   int64 // the number and the line of the other row
	superseded bool
}

// open reports whether any row of the key has no outcome yet.
func (k *keyRows) open() bool {
	if k.group.Open() > 0 {
		return true
	}
	for i := range k.followers {
		if k.followers[i].row.Done == nil {
			return true
		}
	}
	return false
}

// joined returns some keys as one, for Steps that do all of them.
func joined(keys []*keyRows) *keyRows {
	all := &keyRows{sent: map[int64]bool{}}
	for _, k := range keys {
		all.group.Rows = append(all.group.Rows, k.group.Rows...)
		all.followers = append(all.followers, k.followers...)
	}
	return all
}

// newKey finds the rows of a key that need no call. Of the rows of one item only one is sent: the first of the last
// rows that ask the same. Rows after it repeat it, and it supersedes the rows before it. Rows that can never be sent
// take no part.
func newKey(rows []Row) *keyRows {
	k := &keyRows{sent: map[int64]bool{}, group: Group{Key: rows[0].Key, Phase: rows[0].Phase}}
	winners, latest := winnersOf(rows), make(map[string]*Row, len(rows))
	for i := range rows {
		r := &rows[i]
		winner := winners[r.Item]
		switch {
		case r.Unsendable || winner == nil || winner == r:
			k.group.Rows = append(k.group.Rows, *r)
		case r.N < winner.N:
			k.followers = append(k.followers, follower{*r, winner.N, winner.Line, true})
			k.group.Superseded++
		default:
			before := latest[r.Item]
			k.followers = append(k.followers, follower{*r, before.N, before.Line, false})
			k.group.Repeats++
		}
		if !r.Unsendable {
			latest[r.Item] = r
		}
	}
	return k
}

// winnersOf returns for each item the row that is sent.
func winnersOf(rows []Row) map[string]*Row {
	winners := make(map[string]*Row, len(rows))
	for i := range rows {
		r := &rows[i]
		if r.Item == "" || r.Unsendable {
			continue
		}
		if w := winners[r.Item]; w == nil || !bytes.Equal(w.Ask, r.Ask) {
			winners[r.Item] = r
		}
	}
	return winners
}

// byKey groups rows that are sorted by key. Only the rows of one key are in memory.
func byKey(rows iter.Seq2[Row, error]) iter.Seq2[*keyRows, error] {
	return func(yield func(*keyRows, error) bool) {
		var current []Row
		for r, err := range rows {
			if err != nil {
				yield(nil, err)
				return
			}
			if len(current) > 0 && r.Key != current[0].Key {
				if !yield(newKey(current), nil) {
					return
				}
				current = nil
			}
			current = append(current, r)
		}
		if len(current) > 0 {
			yield(newKey(current), nil)
		}
	}
}

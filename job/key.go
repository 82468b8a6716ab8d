package job

import (
	"bytes"
	"iter"
)

// keyRows is the rows of one key, with the repeats apart from the others.
type keyRows struct {
	group   Group
	repeats []repeat
	sent    map[int64]bool // rows of which this process made a call
}

// repeat is a row that equals the latest earlier row of its item. It is not sent, but takes the outcome of that row.
type repeat struct {
	row  Row
	of   int64 // the number of the earlier row
	done bool  // row has its outcome
}

// open reports whether any row of the key has no outcome yet.
func (k *keyRows) open() bool {
	if k.group.Open() > 0 {
		return true
	}
	for i := range k.repeats {
		if !k.repeats[i].done {
			return true
		}
	}
	return false
}

// newKey compares each row with the latest earlier row of its item and finds the repeats. That row may be one that can
// never be sent; then the row after it is no repeat.
func newKey(rows []Row) *keyRows {
	k := &keyRows{sent: map[int64]bool{}, group: Group{Key: rows[0].Key, Phase: rows[0].Phase}}
	latest := make(map[string]*Row, len(rows))
	for i := range rows {
		r := &rows[i]
		before := latest[r.Item]
		if r.Item != "" {
			latest[r.Item] = r
		}
		if before != nil && !r.Unsendable && !before.Unsendable {
			if bytes.Equal(before.Ask, r.Ask) {
				k.repeats = append(k.repeats, repeat{*r, before.N, r.Done != nil})
				continue
			}
			k.group.Contradictions++
		}
		k.group.Rows = append(k.group.Rows, *r)
	}
	k.group.Repeats = len(k.repeats)
	return k
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

package csvio

import "bytes"

// These bound the memory for rows of empty cells. Real files have equal ones, which make one run. In a file that needs
// more runs, or longer ones, rows of empty cells are rows at once.
const (
	maxBlankRuns  = 1 << 14
	maxBlankBytes = maxRecordBytes
)

// blanks holds back rows of empty cells until another row follows: at the end of a file they are no rows. Equal rows at
// equal distance are one run, so a million of them need no more memory than one.
type blanks struct {
	runs []blankRun
	size int // bytes of their texts
	next int // rows of the first run that take has returned
}

type blankRun struct {
	raw               string
	line, step, count int
}

func (b *blanks) empty() bool { return len(b.runs) == 0 }
func (b *blanks) full() bool  { return len(b.runs) >= maxBlankRuns || b.size >= maxBlankBytes }

func (b *blanks) add(rec record) {
	if len(b.runs) > 0 {
		run := &b.runs[len(b.runs)-1]
		if run.count == 1 {
			run.step = rec.line - run.line
		}
		if run.raw == string(rec.raw) && rec.line == run.line+run.count*run.step {
			run.count++
			return
		}
	}
	b.size += len(rec.raw)
	b.runs = append(b.runs, blankRun{raw: string(rec.raw), line: rec.line, count: 1})
}

// take returns the first row held back. There must be one.
func (b *blanks) take() record {
	run := b.runs[0]
	rec := record{raw: []byte(run.raw), line: run.line + b.next*run.step}
	if b.next++; b.next == run.count {
		b.runs, b.next, b.size = b.runs[1:], 0, b.size-len(run.raw)
	}
	return rec
}

// isBlank reports whether all cells of the record are empty.
func isBlank(rec record, delimiter []byte) bool {
	if rec.stray != "" {
		return false
	}
	emptyQuotes := []byte(`""`)
	for rest, more := rec.raw, true; more; {
		rest = bytes.TrimPrefix(rest, emptyQuotes)
		if len(rest) == 0 {
			return true
		}
		rest, more = bytes.CutPrefix(rest, delimiter)
	}
	return false
}

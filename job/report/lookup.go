package report

import "io"

// LookUp is what a run looks up in the org before its first write: names, e-mails and keys that stand for ids.
type LookUp struct {
	Values  int64 `json:"values"`  // different values
	Calls   int64 `json:"calls"`   // that the first of them need, one credit each
	Credits int64 `json:"credits"` // spent on all of them
}

// Or returns l, or nil if nothing is looked up.
func (l LookUp) Or() *LookUp {
	if l.Values == 0 {
		return nil
	}
	return &l
}

// WriteText writes what was looked up in a sentence.
func (l *LookUp) WriteText(w io.Writer) error {
	return Printf(w, "  look-up  %s of names, e-mails or keys looked up for %s, before this price\n",
		Plural(l.Values, "value"), Plural(l.Credits, "credit"))
}

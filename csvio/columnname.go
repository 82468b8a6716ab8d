package csvio

import (
	"strings"
	"unicode"
)

// ownPrefix begins the columns that rolecall adds to a table. They are dropped
// on reading, so that every file it writes can be fed back.
const ownPrefix = "rc_"

// fold makes a column name comparable: case, spaces, "_", "-" and "." do not
// count.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '_', r == '-', r == '.', unicode.IsSpace(r), isInvisible(r):
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// isInvisible tells the characters that editors leave in a cell unseen: the
// byte order mark and the zero-width ones.
func isInvisible(r rune) bool {
	return r == '\uFEFF' || (r >= '\u200B' && r <= '\u200D')
}

// isOwn tells a column that rolecall itself added.
func isOwn(name string) bool {
	name = strings.TrimSpace(name)
	return len(name) >= len(ownPrefix) && strings.EqualFold(name[:len(ownPrefix)], ownPrefix)
}

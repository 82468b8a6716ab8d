package emulator

import (
	"strings"
	"unicode/utf8"
)

// A tokenKind is what a token of COQL is.
type tokenKind int

const (
	tokenEnd    tokenKind = iota
	tokenWord             // a keyword, a column, a bare value
	tokenText             // in quotes
	tokenNumber           // as it is written
	tokenSymbol           // ( ) , and comparators
	tokenWrong            // what begins no token, or a text without its end
)

// A coqlToken is a token and where it begins, from 1.
type coqlToken struct {
	kind         tokenKind
	text         string // of a text: what is in the quotes
	line, column int
}

// near is how a refusal shows the token.
func (t coqlToken) near() string {
	if t.kind == tokenEnd {
		return "<EOF>"
	}
	runes := []rune(t.text)
	return string(runes[:min(len(runes), longestNear)])
}

// longestNear keeps a refusal short, whatever the query.
const longestNear = 60

// is says whether the token is this symbol or keyword; keywords in any case.
func (t coqlToken) is(word string) bool {
	switch t.kind {
	case tokenSymbol:
		return t.text == word
	case tokenWord:
		return strings.EqualFold(t.text, word)
	}
	return false
}

// A coqlLexer takes a query apart.
type coqlLexer struct {
	rest         string
	line, column int
}

// next gives the next token; at the end tokenEnd, again and again.
func (l *coqlLexer) next() coqlToken {
	l.take(len(l.rest) - len(strings.TrimLeft(l.rest, " \t\r\n")))
	t := coqlToken{line: l.line, column: l.column}
	if l.rest == "" {
		return t
	}
	length := 1
	switch c := l.rest[0]; {
	case c == '\'' || c == '"':
		return l.quoted(t, l.rest[:1])
	case wordStart(c):
		t.kind, length = tokenWord, span(l.rest, func(c byte) bool { return wordStart(c) || digit(c) || c == '.' })
	case digit(c) || c == '-' && len(l.rest) > 1 && digit(l.rest[1]):
		t.kind, length = tokenNumber, 1+span(l.rest[1:], func(c byte) bool { return digit(c) || c == '.' })
	case strings.HasPrefix(l.rest, "!=") || strings.HasPrefix(l.rest, "<=") || strings.HasPrefix(l.rest, ">="):
		t.kind, length = tokenSymbol, 2
	case strings.IndexByte("(),=<>", c) >= 0:
		t.kind = tokenSymbol
	default:
		t.kind = tokenWrong
		_, length = utf8.DecodeRuneInString(l.rest)
	}
	t.text = l.take(length)
	return t
}

// quoted reads a text in single or double quotes, of which the same inside
// are doubled (Kaizen 171, FAQs on COQL API).
func (l *coqlLexer) quoted(t coqlToken, quote string) coqlToken {
	for i := 1; i < len(l.rest); i++ {
		if l.rest[i] != quote[0] {
			continue
		}
		if i+1 < len(l.rest) && l.rest[i+1] == quote[0] {
			i++
			continue
		}
		whole := l.take(i + 1)
		t.kind, t.text = tokenText, strings.ReplaceAll(whole[1:i], quote+quote, quote)
		return t
	}
	t.kind, t.text = tokenWrong, l.take(len(l.rest))
	return t
}

// take moves on by n bytes.
func (l *coqlLexer) take(n int) string {
	taken := l.rest[:n]
	l.rest = l.rest[n:]
	if lines := strings.Count(taken, "\n"); lines > 0 {
		l.line += lines
		l.column = 1
		l.column += utf8.RuneCountInString(taken[strings.LastIndexByte(taken, '\n')+1:])
	} else {
		l.column += utf8.RuneCountInString(taken)
	}
	return taken
}

func span(s string, in func(byte) bool) int {
	for i := range len(s) {
		if !in(s[i]) {
			return i
		}
	}
	return len(s)
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// wordStart takes what API names are made of; "$" begins those of system
// fields.
func wordStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$'
}

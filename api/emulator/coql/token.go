package coql

import (
	"strings"
	"unicode/utf8"
)

// A tokenKind is the type of a token.
type tokenKind int

const (
	tokenEnd    tokenKind = iota
	tokenWord             // a keyword, a column, a bare value
	tokenText             // in quotes
	tokenNumber           // as the query has it
	tokenSymbol           // ( ) , and comparators
	tokenWrong            // a character that begins no token, or a text without its end
)

// A token is a part of the query. Line and column say where it begins, from 1.
type token struct {
	kind         tokenKind
	text         string // without the quotes
	line, column int
}

// longestNear is the most characters of a token in a refusal.
const longestNear = 60

// near returns the token as a refusal shows it.
func (t token) near() string {
	if t.kind == tokenEnd {
		return "<EOF>"
	}
	runes := []rune(t.text)
	return string(runes[:min(len(runes), longestNear)])
}

// is reports whether the token is this symbol, or this keyword in any case.
func (t token) is(word string) bool {
	return t.kind == tokenSymbol && t.text == word || t.kind == tokenWord && strings.EqualFold(t.text, word)
}

// A lexer splits a query into tokens.
type lexer struct {
	rest         string
	line, column int
}

// next returns the next token. At the end it returns tokenEnd at every call.
func (l *lexer) next() token {
	l.take(len(l.rest) - len(strings.TrimLeft(l.rest, " \t\r\n")))
	t := token{line: l.line, column: l.column}
	if l.rest == "" {
		return t
	}
	length := 1
	switch c := l.rest[0]; {
	case c == '\'' || c == '"':
		return l.quoted(t, l.rest[:1])
	case wordStart(c):
		t.kind = tokenWord
		length = span(l.rest, func(c byte) bool { return wordStart(c) || digit(c) || c == '.' })
	case digit(c) || c == '-' && len(l.rest) > 1 && digit(l.rest[1]):
		t.kind = tokenNumber
		length = 1 + span(l.rest[1:], func(c byte) bool { return digit(c) || c == '.' })
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

// quoted reads a text in single or double quotes. A doubled quote stands for one (Kaizen 171, FAQs on COQL API).
func (l *lexer) quoted(t token, quote string) token {
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

// take skips n bytes and returns them.
func (l *lexer) take(n int) string {
	taken := l.rest[:n]
	l.rest = l.rest[n:]
	last := taken
	if lines := strings.Count(taken, "\n"); lines > 0 {
		l.line += lines
		l.column = 1
		last = taken[strings.LastIndexByte(taken, '\n')+1:]
	}
	l.column += utf8.RuneCountInString(last)
	return taken
}

// span returns the length of the prefix whose bytes are all in a set.
func span(s string, in func(byte) bool) int {
	for i := range len(s) {
		if !in(s[i]) {
			return i
		}
	}
	return len(s)
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// wordStart takes the letters of API names. "$" begins those of system fields.
func wordStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$'
}

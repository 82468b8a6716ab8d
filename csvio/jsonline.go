package csvio

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// jsonSpace is the white space that may be around a value (RFC 8259, 2).
const jsonSpace = " \t\r\n"

// jsonBroken is the reason why a line of JSON Lines is malformed.
const jsonBroken = "the line is not a whole JSON object"

// members visits the names and values of the object in a line, as they stand there. It returns why the line is no
// object, or the first reason that visit returns.
//
// json.Valid checks the line first, so the functions below need no checks. A json.Decoder would give the same names and
// values, but would take about five times as long for a row.
func members(line []byte, visit func(name string, value []byte) (reason string)) (reason string) {
	rest := bytes.TrimLeft(line, jsonSpace)
	if len(rest) == 0 || rest[0] != '{' || !json.Valid(rest) {
		return jsonBroken
	}
	for {
		rest = bytes.TrimLeft(rest[1:], jsonSpace) // after the brace or a comma
		if rest[0] == '}' {
			return reason
		}
		var name, value []byte
		name, rest = cutValue(rest)
		rest = bytes.TrimLeft(rest, jsonSpace)
		value, rest = cutValue(bytes.TrimLeft(rest[1:], jsonSpace)) // after the colon
		key, _ := textOf(name)
		if bad := visit(key, value); reason == "" {
			reason = bad
		}
		if rest = bytes.TrimLeft(rest, jsonSpace); rest[0] == '}' {
			return reason
		}
	}
}

// cutValue returns the value that valid JSON begins with, and what follows the value.
func cutValue(text []byte) (value, rest []byte) {
	end := 0
	switch text[0] {
	case '"':
		end = stringEnd(text)
	case '{', '[':
		for depth := 1; depth > 0; {
			end++
			switch text[end] {
			case '"':
				end += stringEnd(text[end:]) - 1
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
		}
		end++
	default:
		end = bytes.IndexAny(text, ",]}"+jsonSpace)
	}
	return text[:end], text[end:]
}

// stringEnd returns the length of the string that valid JSON begins with.
func stringEnd(text []byte) int {
	for end := 1; ; end++ {
		switch text[end] {
		case '\\':
			end++
		case '"':
			return end + 1
		}
	}
}

// textOf returns a value as the cell of a table: a number digit for digit, null as nothing, an object or an array as
// compact JSON. problem is the reason why the value cannot be a cell, or "".
func textOf(value []byte) (text, problem string) {
	switch value[0] {
	case '"':
		if bytes.IndexByte(value, '\\') < 0 {
			return string(value[1 : len(value)-1]), ""
		}
		if err := json.Unmarshal(value, &text); err != nil {
			return "", "is no text"
		}
		switch {
		case strings.IndexByte(text, 0) >= 0:
			return strings.ReplaceAll(text, "\x00", string(utf8.RuneError)), "has a NUL character"
		case strings.ContainsRune(text, utf8.RuneError) && bytes.Contains(bytes.ToLower(value), []byte(`\ud`)):
			return text, "has half of a character (a lone surrogate)"
		}
		return text, ""
	case 'n':
		return "", ""
	case '{', '[':
		var b bytes.Buffer
		if err := json.Compact(&b, value); err != nil {
			return "", "is no JSON"
		}
		return b.String(), ""
	}
	return string(value), "" // a number, true or false
}

package csvio

import (
	"bytes"
	"encoding/json"
)

// jsonSpace is what may stand around a value (RFC 8259, 2).
const jsonSpace = " \t\r\n"

// jsonBroken is the reason why a line of JSON Lines is malformed.
const jsonBroken = "the line is no JSON object, or no whole one"

// members visits the names and values of the object in a line, as they stand there. It returns why the line is no
// object, or the first reason that visit returns.
//
// json.Valid checks the line first, so the functions below need no checks. The tokens of encoding/json would give the
// same names and values, but not as they stand in the line: a number must stay digit for digit.
func members(line []byte, visit func(name, value []byte) (reason string)) (reason string) {
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
		if bad := visit(name, value); reason == "" {
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

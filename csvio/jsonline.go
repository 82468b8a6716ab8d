package csvio

import (
	"bytes"
	"encoding/json"
)

// jsonSpace is what may stand around a value (RFC 8259, 2).
const jsonSpace = " \t\r\n"

// jsonBroken says why a line of JSON Lines is no row.
const jsonBroken = "the line is no JSON object, or no whole one"

// members visits the names and values of the object that a line is, as they
// stand there, and says why it is none, or the first reason that visit gives.
//
// An object is walked through here once it is known to be valid: the tokens of
// encoding/json would be the dearest part of a row by far.
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

// cutValue gives the value that valid JSON begins with, and what follows it.
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

// stringEnd is the length of the string that valid JSON begins with.
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

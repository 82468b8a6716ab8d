package emulator

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// The functions here take JSON apart that json.Valid has seen before. They
// stand in for maps of json.RawMessage, level by level, which were two thirds
// of a call's time; and unlike structs they take keys letter by letter.

// elements are the values in an array; false when it is no array.
func elements(raw json.RawMessage) ([]json.RawMessage, bool) {
	raw = bytes.TrimLeft(raw, space)
	if len(raw) == 0 || raw[0] != '[' {
		return nil, false
	}
	var list []json.RawMessage
	for raw = bytes.TrimLeft(raw[1:], space); raw[0] != ']'; raw = next(raw) {
		n := valueLen(raw)
		list = append(list, raw[:n:n])
		raw = raw[n:]
	}
	return list, true
}

// member is the value of a key; as with encoding/json the last one counts.
func member(object json.RawMessage, key string) (value json.RawMessage, found bool) {
	raw := bytes.TrimLeft(bytes.TrimLeft(object, space)[1:], space)
	for ; raw[0] != '}'; raw = next(raw) {
		n := valueLen(raw)
		name, _ := unquote(raw[:n])
		raw = bytes.TrimLeft(raw[n:], space) // at the colon
		raw = bytes.TrimLeft(raw[1:], space) // at the value
		n = valueLen(raw)
		if name == key {
			value, found = raw[:n:n], true
		}
		raw = raw[n:]
	}
	return value, found
}

// isObject says whether a value is an object.
func isObject(raw json.RawMessage) bool {
	raw = bytes.TrimLeft(raw, space)
	return len(raw) > 0 && raw[0] == '{'
}

// unquote reads a string; false when the value is none.
func unquote(raw json.RawMessage) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	if plain := raw[1 : len(raw)-1]; bytes.IndexByte(plain, '\\') < 0 && utf8.Valid(plain) {
		return string(plain), true
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

const space = " \t\r\n"

// next goes past a comma, to the next value, or stays at the closing bracket.
func next(raw []byte) []byte {
	raw = bytes.TrimLeft(raw, space)
	if raw[0] == ',' {
		raw = bytes.TrimLeft(raw[1:], space)
	}
	return raw
}

// valueLen is the length of the value that raw begins with.
func valueLen(raw []byte) int {
	depth := 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			for i++; raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 { // the end of what a number or word is in
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
	}
	return len(raw)
}

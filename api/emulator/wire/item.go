package wire

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// An Item is an object of a request body. Its keys are case-sensitive, unlike those of a Go struct.
type Item map[string]json.RawMessage

// Object reads an item that must be an object. The path says where it stands in the body.
func Object(raw json.RawMessage, path string) (Item, *Result) {
	it, isObject := readObject(raw)
	if !isObject {
		return nil, Invalid("", path, "jsonobject")
	}
	return it, nil
}

func readObject(raw []byte) (Item, bool) {
	var it Item
	err := json.Unmarshal(raw, &it)
	return it, err == nil && it != nil
}

// Get returns the value of a key, or false when the key is missing or null.
func (it Item) Get(key string) (json.RawMessage, bool) {
	raw, exists := it[key]
	return raw, exists && !IsNull(raw)
}

// Text reads a string. It returns "" and false when the key is missing or null.
func (it Item) Text(key, path string) (value string, given bool, wrong *Result) {
	raw, given := it.Get(key)
	if !given {
		return "", false, nil
	}
	value, isText := Unquote(raw)
	if !isText {
		return "", false, Invalid(key, path+"."+key, "text")
	}
	return value, true, nil
}

// List returns the items of an array, which must have at least one.
func (it Item) List(key string) ([]json.RawMessage, error) {
	at := Details{APIName: key, JSONPath: "$." + key}
	raw, given := it.Get(key)
	var list []json.RawMessage
	if given && json.Unmarshal(raw, &list) != nil {
		at.ExpectedDataType = "jsonarray"
		return nil, Bad("INVALID_DATA", "invalid data", at)
	}
	if len(list) == 0 {
		return nil, Bad("MANDATORY_NOT_FOUND", "required field not found", at)
	}
	return list, nil
}

// Path returns the JSON path of item i below key.
func Path(key string, i int) string { return "$." + key + "[" + strconv.Itoa(i) + "]" }

// Null returns the JSON null.
func Null() json.RawMessage { return json.RawMessage("null") }

// IsNull reports whether a value is null.
func IsNull(raw json.RawMessage) bool { return string(raw) == "null" }

// Quote encodes a string.
func Quote(s string) json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil { // impossible: every string can be encoded
		return Null()
	}
	return b
}

// Unquote reads a string, or returns false when the value is not a string.
func Unquote(raw json.RawMessage) (s string, isText bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	if plain := raw[1 : len(raw)-1]; utf8.Valid(plain) && !bytes.ContainsRune(plain, '\\') { // ten times as fast
		return string(plain), true
	}
	return s, json.Unmarshal(raw, &s) == nil
}

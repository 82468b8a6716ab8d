package job

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Encode returns v as JSON for run.db. It does not escape <, > and &. v holds only values that JSON can always encode:
// texts, numbers, flags, and JSON that was decoded before.
func Encode(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return nil
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Decoded returns the value that Encode encoded, or the zero value if raw is empty.
func Decoded[T any](raw json.RawMessage) (v T) {
	_ = json.Unmarshal(raw, &v) // Encode wrote raw
	return v
}

// OptionsOf returns the settings of one kind of job.
func OptionsOf[T any](set Settings) (o T, err error) {
	if err = decodeKnown(set.Options, &o); err != nil {
		err = fmt.Errorf("read the options of the run: %w", err)
	}
	return o, err
}

// CheckOptions is a Kind.Check for a job with the options T. It refuses options that T does not have.
func CheckOptions[T any](set Settings) error {
	_, err := OptionsOf[T](set)
	return err
}

// decodeKnown decodes what the user asked for. It refuses a field that this version does not know, because a run
// without that field would differ from what the user asked for.
func decodeKnown(raw json.RawMessage, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

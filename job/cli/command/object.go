package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"rolecall/job"
)

// WriteJSON keeps the JSON object of --json. The end of the command writes it with the exit code.
func (p *Process) WriteJSON(v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	p.object = b.Bytes()
	return nil
}

// BothToStdout returns the error for --json beside an output flag whose value is "-", such as --results.
func BothToStdout(flag string) error {
	return &job.UsageError{
		Err: fmt.Errorf("--json and %s - both write to stdout: give %[1]s a file, or leave --json out", flag),
	}
}

// failure is the object of a command that failed before it had an object. New versions only add fields.
type failure struct {
	Error  string `json:"error"`
	Advice string `json:"advice,omitempty"`
}

// WriteObject writes the object of --json to stdout, with the exit code. The object is the last line there, also if
// the command fails. wanted reports whether the user asked for it. WriteObject returns code, or another exit code if it
// cannot write the object.
func (p *Process) WriteObject(code int, failed error, wanted bool) int {
	if p.object == nil && wanted && failed != nil {
		if err := p.WriteJSON(failure{failed.Error(), p.SignInHint(failed)}); err != nil {
			return p.Fail(err)
		}
	}
	object, ok := bytes.CutSuffix(bytes.TrimSpace(p.object), []byte("}"))
	if !ok {
		return code
	}
	if len(object) > 1 {
		object = append(object, ',')
	}
	object = strconv.AppendInt(append(object, `"exit_code":`...), int64(code), 10)
	if _, err := p.Stdout.Write(append(object, '}', '\n')); err != nil {
		return p.Fail(fmt.Errorf("write the object of --json: %w", err))
	}
	return code
}

// WantsObject reports whether a command line asks for the object. parsed is nil if it could not be parsed.
func (p *Process) WantsObject(parsed *kong.Context, args []string) bool {
	if parsed == nil {
		on, err := strconv.ParseBool(p.Getenv("ROLECALL_JSON"))
		as := slices.Contains(args, "--as=json") || strings.Contains(strings.Join(args, " "), "--as json")
		return slices.Contains(args, "--json") || as || err == nil && on
	}
	return slices.ContainsFunc(parsed.Flags(), func(f *kong.Flag) bool {
		return f.Name == "json" && f.IsBool() && f.Target.Bool() || f.Name == "as" && f.Target.String() == FormJSON
	})
}

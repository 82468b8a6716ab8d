package report

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// hostile draws texts with characters that control a terminal or forge a line: C0, C1, escapes, marks of direction.
func hostile() *rapid.Generator[string] {
	controls := []rune("a\x1b\x07\r\n\t\u009b\u202e\u2028\x7f\x00é")
	return rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.RuneFrom(controls)))
}

// fill fills every text of a value with hostile texts, and its lists with some elements.
func fill(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(hostile().Draw(t, "text"))
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.CanSet() {
				fill(t, field)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(t, v.Index(i))
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "there") && v.Type().Elem().Kind() == reflect.Struct {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem())
		}
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.Int64Range(0, 3).Draw(t, "number"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "flag"))
	default:
	}
}

// isRaw reports whether a character controls a terminal or is invisible. Line breaks are from the writer itself.
func isRaw(r rune) bool { return r != '\n' && !unicode.IsPrint(r) && !unicode.In(r, unicode.Zs) }

// Whatever texts come from Zoho, file names and rows, a summary or a plan has no control character, and no line that
// rolecall did not write.
func TestNoControlCharacterReachesPeople(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var s Summary
		fill(t, reflect.ValueOf(&s).Elem())
		s.State = rapid.SampledFrom([]string{Finished, Stopped, DryRun}).Draw(t, "state")
		var b bytes.Buffer
		if err := s.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		if i := strings.IndexFunc(b.String(), isRaw); i >= 0 {
			t.Fatalf("%q", b.String()[i:])
		}
		for _, line := range strings.Split(b.String(), "\n")[1:] {
			if line != "" && !strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "go on with: ") {
				t.Fatalf("a line of its own: %q", line)
			}
		}
	})
}

func TestPrintf(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	err := Printf(&b, "%-6s|%d|%v|%s|%q\n", "a\x1b", 7, errors.New("x\ny"), "日本\u3000é", "\u009b")
	if want := "a\uFFFD    |7|x y|日本\u3000é|\"\\u009b\"\n"; err != nil || b.String() != want {
		t.Errorf("%v\n got %q\nwant %q", err, b.String(), want)
	}
}

// A terminal gets data without control characters, wherever the writes cut it.
func TestTerminal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := hostile().Draw(t, "text")
		var b strings.Builder
		w := &terminal{to: &b}
		for rest := []byte(text); len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "bytes")
			if wrote, err := fmt.Fprintf(w, "%s", rest[:n]); err != nil || wrote != n {
				t.Fatal(wrote, err)
			}
			rest = rest[n:]
		}
		var want strings.Builder
		for _, r := range text {
			if r == '\n' || r == '\t' {
				want.WriteRune(r)
			} else {
				want.WriteString(Printable(string(r)))
			}
		}
		if b.String() != want.String() {
			t.Fatalf("got %q, want %q", b.String(), want.String())
		}
	})
}

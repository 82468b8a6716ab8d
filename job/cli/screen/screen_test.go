package screen

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"rolecall/job"
)

// newTestScreen returns a screen of so many columns, and what is written to it.
func newTestScreen(columns int) (*screen, *bytes.Buffer) {
	var b bytes.Buffer
	return &screen{to: &b, columns: func() int { return columns }}, &b
}

// lastLines returns what a terminal shows after such a text: a carriage return goes back to the start of the line.
func lastLines(text string) (lines []string) {
	for line := range strings.SplitSeq(text, "\n") {
		var cells []byte
		at := 0
		for i := range len(line) {
			switch line[i] {
			case '\r':
				at = 0
			case '\b':
				at--
			default:
				if at == len(cells) {
					cells = append(cells, ' ')
				}
				cells[at] = line[i]
				at++
			}
		}
		lines = append(lines, strings.TrimRight(string(cells), " "))
	}
	return lines
}

// The bar leaves room for ^C and never reaches the last column, so that no terminal goes to the next line. It drops
// what has no room.
func TestBarShrinks(t *testing.T) {
	t.Parallel()
	calling := reading{
		stage: job.Calling, total: 12_000, done: 3_000, failed: 7, perSecond: 9.5, left: 947 * time.Second,
	}
	listing := reading{stage: job.Listing, done: 1_234_567}
	for columns, want := range map[int]string{
		120: "3,000 of 12,000 rows, 7 failed, 9.5 rows/s, 15m47s left  [======                  ]  25%",
		80:  "3,000 of 12,000 rows, 7 failed, 9.5 rows/s, 15m47s left  [===          ]  25%",
		60:  "3,000 of 12,000 rows, 7 failed, 9.5 rows/s, 15m47s left",
		40:  "3,000 of 12,000 rows, 7 failed",
		25:  "3,000/12,000, 7 failed",
		20:  "3,000/12,000",
		5:   "3,",
		0:   "3,000 of 12,000 rows, 7 failed, 9.5 rows/s, 15m47s left  [===          ]  25%",
	} {
		s, b := newTestScreen(columns)
		s.showReading(calling)
		if got := strings.TrimLeft(b.String(), "\r"); got != want {
			t.Errorf("%d columns: %q, want %q", columns, got, want)
		}
	}
	for columns := range 130 {
		for _, r := range []reading{calling, listing, {stage: job.Reading, total: 9, done: 9, perSecond: 2}} {
			if line := r.line(columns); len(line) > columns {
				t.Errorf("%d columns: %q", columns, line)
			}
		}
	}
}

// A line is never behind the bar, and nothing of a longer bar is left.
func TestBarIsWipedBeforeALine(t *testing.T) {
	t.Parallel()
	s, b := newTestScreen(40)
	s.showReading(reading{stage: job.Listing, done: 1_000})
	s.showReading(reading{stage: job.Listing, done: 0})
	b.WriteString("^C") // the user
	s.showReading(reading{stage: job.Listing, done: 0})
	if got := lastLines(b.String()); got[0] != "listing: 0 records" {
		t.Errorf("the terminal shows %q", got)
	}
	_, _ = s.Write([]byte("  price    two calls\n"))
	s.showReading(reading{stage: job.Connecting})
	s.showReading(reading{stage: job.Asking})
	_, _ = s.Write([]byte("end\n"))
	s.wipe()
	if got := strings.Join(lastLines(b.String()), "|"); got != "  price    two calls|end|" {
		t.Errorf("the terminal shows %q", got)
	}
}

// NO_COLOR and a dumb terminal turn colours off. What is no terminal stays as it is, so that nothing is folded there.
func TestColoursAreOffWhereTheUserSaysSo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		noColor, term string
		want          bool
	}{{"", "xterm", true}, {"", "", true}, {"1", "xterm", false}, {"", "dumb", false}} {
		env := map[string]string{"NO_COLOR": test.noColor, "TERM": test.term}
		if got := wantsColours(func(name string) string { return env[name] }); got != test.want {
			t.Errorf("NO_COLOR=%s TERM=%s: %v", test.noColor, test.term, got)
		}
	}
	var b bytes.Buffer
	if New(&b, func(string) string { return "" }) != io.Writer(&b) {
		t.Error("a buffer became a screen")
	}
}

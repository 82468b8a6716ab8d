package report

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// planCommand is the command that only shows what apply would do.
const planCommand = "plan"

// topGroups is the most groups of errors that WriteText shows. summary.json and failed.csv have all.
const topGroups = 5

// WriteText writes the summary in sentences.
func (s *Summary) WriteText(w io.Writer) error {
	b := &page{to: w}
	if s.Export != nil {
		s.export().writeText(b)
		return b.flush()
	}
	s.head(b)
	s.counts(b)
	s.groups(b)
	s.end(b)
	return b.flush()
}

func (s *Summary) head(w io.Writer) {
	ink := InksOf(w)
	if s.Rows.Error > 0 {
		ink.Good = ""
	}
	switch {
	case s.State == DryRun && s.Command == planCommand:
		_ = Printf(w, "plan of %s: nothing was written to Zoho\n", s.Input.Name)
	case s.State == DryRun:
		_ = Printf(w, "dry run of %s %s: nothing was sent\n", s.Command, s.Input.Name)
	case s.State == Stopped:
		_ = Printf(w, ink.Bad+"stopped:"+ink.Off+" %s\n", strings.Join(strings.Fields(s.Stopped), " "))
	case s.State == AtWork:
		_ = Printf(w, "%s of %s is at work: %s\n", s.Command, s.Input.Name, s.Process)
	default:
		_ = Printf(w, ink.Good+"%s of %s finished in %s"+ink.Off+"\n",
			s.Command, s.Input.Name, Duration(time.Duration(s.Seconds*float64(time.Second))))
	}
	if s.Input.Dialect != "" {
		_ = Printf(w, "  input    %s\n", s.Input.Dialect)
	}
	if s.Input.Hidden.Rows > 0 {
		_ = Printf(w, "  hidden   %s\n", s.Input.Hidden)
	}
}

func (s *Summary) counts(w io.Writer) {
	r, open := s.Rows, "not attempted"
	switch {
	case s.State == AtWork:
		open = "to go"
	case s.Command == planCommand:
		open = "to change"
	}
	if r.Total == 0 {
		none := "none: the file has no data rows"
		if strings.HasSuffix(s.Command, "undo") {
			none = "none: there is nothing to do"
		}
		_ = Printf(w, "  rows     %s\n", none)
		return
	}
	_ = Printf(w, "  rows     %s: %s\n", Count(r.Total), strings.Join(notZero(
		part{r.Assigned, "assigned"}, part{r.Added, "added"}, part{r.Inserted, "inserted"}, part{r.Created, "created"},
		part{r.Updated, "updated"},
		part{r.Removed, "removed"}, part{r.Deleted, "deleted"}, part{r.Restored, "restored"},
		part{r.Match, "match"},
		part{r.Unchanged, "unchanged"},
		part{r.Error, "failed"}, part{r.NotAttempted, open}), ", "))
	p := s.Plan
	if p.Repeats > 0 {
		_ = Printf(w, "           repeats of an earlier row, not sent: %s\n", Count(p.Repeats))
	}
	if p.Contradictions > 0 {
		_ = Printf(w, "           another role for a contact than in its last row, not sent: %s\n",
			Count(p.Contradictions))
	}
	if u := s.Unnamed; u != nil {
		_ = Printf(w, "           contacts that the file does not name: %s\n", strings.Join(notZero(
			part{u.Removed, "removed"}, part{u.Failed, "failed, such as " + oneLine(u.FailedWhy)}, part{u.Kept, "kept"},
			part{u.Open, open}, part{u.Stay, "stay (--prune takes them off)"}), ", "))
	}
	switch {
	case s.State == DryRun:
		s.foreseen(w)
	case s.Roles != nil:
		s.Roles.outcome(w)
	}
	if s.UnknownRoles != nil {
		s.UnknownRoles.writeText(w, s.Errors)
	}
	for _, note := range s.Notes {
		_ = Printf(w, "  note     %s\n", note)
	}
	if s.Spent.Calls > 0 && (s.State != DryRun || s.Changes != nil) {
		_ = Printf(w, "  spent    %s\n", s.Spent.text())
	}
}

// foreseen writes what a dry run would do, and its price.
func (s *Summary) foreseen(w io.Writer) {
	if s.Roles != nil {
		_ = s.Roles.WriteText(w)
		return
	}
	if s.Changes != nil {
		rest := "--results FILE writes"
		if s.Command == planCommand {
			rest = "-o FILE saves"
		}
		s.Changes.writeText(w, rest)
	}
	if s.Taken != nil {
		_ = s.Taken.WriteText(w)
	}
	if s.Records != nil {
		_ = s.Records.WriteText(w)
	} else {
		_ = s.Plan.WriteText(w)
	}
}

func (s *Summary) groups(w io.Writer) {
	if len(s.Errors) == 0 {
		return
	}
	ink := InksOf(w)
	_ = Printf(w, "  "+ink.Bad+"failed"+ink.Off+"\n")
	for i, g := range s.Errors {
		if i == topGroups {
			_ = Printf(w, "    and %s, %s\n", Plural(int64(len(s.Errors)-topGroups), "more kind"), s.AllFailed())
			break
		}
		such := ""
		if g.Various {
			such = ", such as"
		}
		_ = Printf(w, "    %s × %s%s: %s (first at %s:%d%s)\n",
			Count(g.Rows), g.Code, such, oneLine(g.Message), s.Input.Name, g.Line, moreLines(g.Lines, g.Rows))
		if g.Code != codeRoleUnknown || s.UnknownRoles == nil { // the unknown roles have lines of their own
			s.values(w, &g)
		}
		if g.Advice != "" {
			_ = Printf(w, "      -> %s\n", g.Advice)
		}
	}
}

// codeRoleUnknown is the code of rows whose role the org does not have.
const codeRoleUnknown = "ROLE_UNKNOWN"

// shownValues is the most values of a group that WriteText shows. summary.json has more.
const shownValues = 6

// values writes the values of a group with their rows.
func (s *Summary) values(w io.Writer, g *Group) {
	for i, v := range g.Values {
		if i == shownValues {
			rest := g.OtherRows
			for _, other := range g.Values[i:] {
				rest += other.Rows
			}
			_ = Printf(w, "      and other values in %s, %s\n", Plural(rest, "row"), s.AllFailed())
			break
		}
		_ = Printf(w, "      %s × %s (%s)\n", Count(v.Rows), v.Value, linesText(v.Lines, v.Rows))
	}
}

// AllFailed returns where all failed rows are, such as "in run/failed.csv".
func (s *Summary) AllFailed() string {
	if file := cmp.Or(s.Files.Failed, s.Files.Results); file != "" {
		return "in " + file
	}
	return "--results FILE writes all rows" // a dry run keeps no file
}

// linesText returns lines in words, such as "lines 4, 7, 9 …". rows is the number of all lines; lines may be fewer.
func linesText(lines []int64, rows int64) string {
	texts := make([]string, len(lines))
	for i, line := range lines {
		texts[i] = strconv.FormatInt(line, 10)
	}
	text := "line "
	if rows > 1 {
		text = "lines "
	}
	text += strings.Join(texts, ", ")
	if rows > int64(len(lines)) {
		text += " …"
	}
	return text
}

// moreLines returns the lines after the first one, in words, or "".
func moreLines(lines []int64, rows int64) string {
	if len(lines) < 2 {
		return ""
	}
	_, text, _ := strings.Cut(linesText(lines[1:], rows-1), " ")
	return ", then " + text
}

func (s *Summary) end(w io.Writer) {
	if s.Files.Results != "" {
		_ = Printf(w, "  results  %s\n", s.Files.Results)
	}
	if s.Rows.Error > s.Rows.Superseded && s.Files.Failed != "" {
		_ = Printf(w, "  failed   %s\n", s.Files.Failed)
		if s.Files.FailedBook != "" {
			_ = Printf(w, "           %s: the same as a workbook\n", s.Files.FailedBook)
		}
	}
	if s.Files.Pruned != "" {
		_ = Printf(w, "  pruned   %s\n", s.Files.Pruned)
	}
	if s.Files.Before != "" {
		_ = Printf(w, "  before   %s\n", s.Files.Before)
	}
	if s.Files.RoleMap != "" {
		_ = Printf(w, "  to map   %s\n", s.Files.RoleMap)
	}
	if s.Files.Undo != "" {
		_ = Printf(w, "  undo     %s\n", s.Files.Undo)
	}
	if s.Next != "" {
		goOn(w, s.Next)
	}
}

// goOn writes the command that continues the run.
func goOn(w io.Writer, command string) {
	ink := InksOf(w)
	_ = Printf(w, OnWith+ink.Strong+"%s"+ink.Off+"\n", command)
}

// part is a number of things, such as 3 failed.
type part struct {
	n    int64
	what string
}

// notZero returns the parts whose number is not 0, as texts.
func notZero(parts ...part) (texts []string) {
	for _, p := range parts {
		if p.n != 0 {
			texts = append(texts, Count(p.n)+" "+p.what)
		}
	}
	return texts
}

// Plural returns a number with its noun, such as "1 call" or "2 calls". one is the singular.
func Plural(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + one + "s"
}

// shownMessage is the most characters of a message that WriteText shows. results.csv has all.
const shownMessage = 110

// oneLine returns text as one printable line of at most shownMessage characters.
func oneLine(text string) string {
	runes := []rune(Printable(strings.Join(strings.Fields(text), " ")))
	if len(runes) > shownMessage {
		return string(runes[:shownMessage-1]) + "…"
	}
	return string(runes)
}

// Count returns a number with commas between the thousands, such as "1,000".
func Count(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Duration returns a rounded duration as people read it: 40ms, 1.4s, 12s, 3m20s, 2h5m.
func Duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d < time.Hour:
		return d.Round(time.Second).String()
	}
	return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
}

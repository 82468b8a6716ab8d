package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"go/doc/comment"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"rolecall/job/cli/command"
	"rolecall/job/report"
)

// widestHelp is the width of --help, in columns.
const widestHelp = 80

// mostUsed is the title of the flags that come first. Flags that flagGroups does not have are in whatItDoes.
const (
	mostUsed   = "Flags:"
	whatItDoes = "What it does:"
)

// flagGroups are the groups of flags in --help, in their order. The flags of a group come in the order of its names.
var flagGroups = []struct{ title, flags string }{
	{mostUsed, "dry-run profile yes help version"},
	{whatItDoes, ""},
	{"Limits:", "limit max-credits reserve wait max-duration max-errors max-delete max-shrink min-rows concurrency rate"},
	{"Input:", "map map-role save-role-map use save-map sheet hidden header-row encoding delimiter external-id repair-ids " +
		"accept-rounded-ids"},
	{"Output:", "output format as ids fields results run-dir changes json quiet verbose no-formula-guard"},
	{"Connection:", "config allow-org-change voice-url"},
}

// groupOf returns the group of a flag, and its position in there.
func groupOf(flag *kong.Flag) (group, position int) {
	for i, g := range flagGroups {
		if at := slices.Index(strings.Fields(g.flags), flag.Name); at >= 0 {
			return i, at
		}
	}
	return slices.IndexFunc(flagGroups, func(g struct{ title, flags string }) bool { return g.title == whatItDoes }), 0
}

// showChoices makes the values of each choice the placeholder of its flag, such as --batch=auto|off.
func showChoices(k *kong.Kong) error {
	k.Model.HelpFlag.Help = "Show this help."
	return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok && flag.Enum != "" {
			values := slices.DeleteFunc(flag.EnumSlice(), func(v string) bool { return v == "" })
			flag.PlaceHolder = strings.Join(values, "|")
		}
		return next(nil)
	})
}

// helpPage writes the --help of a command. Kong's own printer shows the flags in the order of the structs, and leaves
// the texts beside them no room on a narrow terminal.
type helpPage struct {
	w       *bytes.Buffer
	columns int
}

// helpPrinter returns the function that writes the --help of the command that the user typed.
func helpPrinter(p *command.Process) kong.HelpPrinter {
	return func(_ kong.HelpOptions, line *kong.Context) error {
		var page bytes.Buffer
		h := helpPage{&page, columnsOf(p.Stdout, widestHelp)}
		if command := line.Selected(); command != nil {
			h.write("Usage: %s %s\n", line.Model.Name, command.Summary())
			h.command(command)
		} else {
			h.write("Usage: %s <command> [flags]\n", line.Model.Name)
			h.command(line.Model.Node)
			h.text(moreHelp)
		}
		_, err := page.WriteTo(p.Stdout)
		return err
	}
}

// write writes lines, folded.
func (h helpPage) write(format string, args ...any) {
	for line := range strings.Lines(fmt.Sprintf(format, args...)) {
		h.w.WriteString(report.Fold(line, h.columns))
	}
}

// text writes paragraphs after an empty line. Lines that are indented stay as they are.
func (h helpPage) text(paragraphs string) {
	if paragraphs != "" {
		var parser comment.Parser
		printer := comment.Printer{TextWidth: h.columns, TextCodePrefix: "    "}
		h.write("\n%s", printer.Text(parser.Parse(paragraphs)))
	}
}

// command writes what a command does, its arguments, the commands below it and its flags.
func (h helpPage) command(node *kong.Node) {
	h.text(node.Help)
	h.text(node.Detail)
	var arguments, commands [][2]string
	for _, argument := range node.Positional {
		arguments = append(arguments, [2]string{argument.Summary(), argument.Help})
	}
	h.table("Arguments:", arguments)
	for _, below := range node.Children {
		if !below.Hidden {
			commands = append(commands, [2]string{below.Path(), below.Help})
		}
	}
	h.table("Commands:", commands)
	h.flags(slices.Concat(node.AllFlags(true)...), len(commands) > 0)
}

// flags writes flags in their groups. few reports whether they are too few for groups.
func (h helpPage) flags(flags []*kong.Flag, few bool) {
	slices.SortStableFunc(flags, func(a, b *kong.Flag) int {
		groupA, positionA := groupOf(a)
		groupB, positionB := groupOf(b)
		return cmp.Or(cmp.Compare(groupA, groupB), cmp.Compare(positionA, positionB))
	})
	tables := make([][][2]string, len(flagGroups))
	for _, flag := range flags {
		group, _ := groupOf(flag)
		if few {
			group = 0
		}
		name := "    "
		if flag.Short != 0 {
			name = "-" + string(flag.Short) + ", "
		}
		name += "--" + flag.Name
		if !flag.IsBool() {
			name += "=" + flag.FormatPlaceHolder()
		}
		tables[group] = append(tables[group], [2]string{name, kong.DefaultHelpValueFormatter(flag.Value)})
	}
	for i, rows := range tables {
		h.table(flagGroups[i].title, rows)
	}
}

// Widths of the columns of a table in --help.
const (
	widestName    = 24 // the text of a longer name begins on the next line
	narrowestText = 34 // a narrower text is below its name
)

// table writes names with their texts, below a title.
func (h helpPage) table(title string, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	name := 0
	for _, row := range rows {
		if n := len(row[0]); n <= widestName {
			name = max(name, n)
		}
	}
	indent := name + 6 // two before the name and four behind it
	if h.columns-indent < narrowestText {
		name, indent = -1, 8
	}
	h.write("\n%s\n", title)
	for _, row := range rows {
		first := "  " + row[0] + "\n" + strings.Repeat(" ", indent)
		if len(row[0]) <= name {
			first = fmt.Sprintf("  %-*s    ", name, row[0])
		}
		text := strings.Join(report.Wrap(row[1], h.columns-indent), "\n"+strings.Repeat(" ", indent))
		h.w.WriteString(first + text + "\n")
	}
}

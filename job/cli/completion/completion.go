// Package completion lets shells complete rolecall's commands, flags and values.
package completion

import (
	"embed"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Each script asks rolecall itself for what may come next, so that no script knows a command.
//
//go:embed scripts
var scripts embed.FS

// Script returns the script for bash, zsh, fish or powershell.
func Script(shell string) (string, error) {
	text, err := scripts.ReadFile("scripts/" + shell)
	return string(text), err
}

// Candidates returns the possible completions of the word current. words is the words before it, without the program.
// values returns the values of a flag or an argument that kong does not know. Candidates returns nothing for a file.
func Candidates(root *kong.Node, words []string, current string, values func(name string) []string) []string {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "=" }) // bash splits --flag=value
	node, awaits, arguments := walk(root, words)
	fits := func(all []string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(c string) bool { return !strings.HasPrefix(c, current) })
	}
	if awaits != nil {
		return fits(valuesOf(awaits.Value, values))
	}
	if name, _, given := strings.Cut(current, "="); given {
		var all []string
		if f := flagOf(node, name); f != nil {
			for _, v := range valuesOf(f.Value, values) {
				all = append(all, name+"="+v)
			}
		}
		return fits(all)
	}
	if strings.HasPrefix(current, "-") {
		return fits(flagsOf(node))
	}
	var all []string
	for _, c := range node.Children {
		if !c.Hidden {
			all = append(all, c.Name)
		}
	}
	if n := len(node.Positional); n > 0 && len(all) == 0 {
		all = valuesOf(node.Positional[min(arguments, n-1)], values)
	}
	return fits(all)
}

// walk returns the command that the words name, the flag that waits for its value or nil, and the number of arguments
// after the command.
func walk(node *kong.Node, words []string) (at *kong.Node, awaits *kong.Flag, arguments int) {
	for _, w := range words {
		if awaits != nil {
			awaits = nil
			continue
		}
		if strings.HasPrefix(w, "-") && w != "-" {
			if f := flagOf(node, w); f != nil && !f.IsBool() {
				awaits = f
			}
			continue
		}
		i := slices.IndexFunc(node.Children, func(c *kong.Node) bool { return c.Name == w })
		if i < 0 {
			arguments++
			continue
		}
		node = node.Children[i]
	}
	return node, awaits, arguments
}

// flagOf returns the flag of a command by its long or short name with its dashes, or nil.
func flagOf(node *kong.Node, name string) *kong.Flag {
	for _, group := range node.AllFlags(false) {
		for _, f := range group {
			if "--"+f.Name == name || f.Short != 0 && "-"+string(f.Short) == name {
				return f
			}
		}
	}
	return nil
}

// flagsOf returns the long names of the flags of a command, sorted.
func flagsOf(node *kong.Node) (all []string) {
	for _, group := range node.AllFlags(true) {
		for _, f := range group {
			all = append(all, "--"+f.Name)
		}
	}
	slices.Sort(all)
	return all
}

// valuesOf returns the values that a flag or an argument takes, as far as they are known.
func valuesOf(v *kong.Value, values func(name string) []string) []string {
	if v.Enum != "" {
		return v.EnumSlice()
	}
	return values(v.Name)
}

// Package manual holds the pages of the manual: a topic each, which is the name of a file here.
package manual

import (
	"embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"rolecall/csvio/alike"
)

//go:embed *.md
var pages embed.FS

// Topics returns the names of the pages, sorted.
func Topics() (topics []string) {
	files, _ := pages.ReadDir(".") // an embedded folder can always be read
	for _, f := range files {
		topics = append(topics, strings.TrimSuffix(f.Name(), ".md"))
	}
	slices.Sort(topics)
	return topics
}

// Page returns the text of a topic. Its error names the nearest topic.
func Page(topic string) (string, error) {
	for _, known := range Topics() {
		if alike.Key(known) == alike.Key(topic) {
			text, err := pages.ReadFile(known + ".md")
			return string(text), err
		}
	}
	if near := alike.Nearest(topic, Topics()); near != "" {
		return "", fmt.Errorf("the manual has no page %q: did you mean %s?", topic, near)
	}
	return "", fmt.Errorf("the manual has no page %q: it has %s", topic, strings.Join(Topics(), ", "))
}

// List writes the topics with their titles.
func List(w io.Writer) error {
	for _, topic := range Topics() {
		text, err := Page(topic)
		if err != nil {
			return err
		}
		title, _, _ := strings.Cut(strings.TrimPrefix(text, "# "), "\n")
		if _, err := fmt.Fprintf(w, "  %-12s %s\n", topic, title); err != nil {
			return err
		}
	}
	return nil
}

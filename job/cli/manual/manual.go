// Package manual holds the pages of the manual. Each page has one topic, and its file has the topic's name.
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

// chapters is the topics in the order in which people need them.
var chapters = []struct {
	title  string
	topics []string
}{
	{"Begin", []string{"signin", "profiles", "gateway", "emulator", "windows"}},
	{"Work", []string{"input", "names", "safety", "roundtrip", "export", "schedule", "show", "roles", "records", "voice"}},
	{"Runs", []string{"credits", "results", "runs", "undo", "failures", "codes", "exitcodes"}},
	{"Come from another system", []string{"salesforce", "hubspot", "pipedrive", "dynamics"}},
}

// Topics returns the names of the pages, in the order of the list.
func Topics() (topics []string) {
	for _, c := range chapters {
		topics = append(topics, c.topics...)
	}
	return topics
}

// Page returns the text of a topic. The error for an unknown topic names the nearest one.
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
	return "", fmt.Errorf("the manual has no page %q: it has %s", topic,
		strings.Join(slices.Sorted(slices.Values(Topics())), ", "))
}

// List writes the topics with their titles.
func List(w io.Writer) error {
	for _, c := range chapters {
		if _, err := fmt.Fprintf(w, "\n%s\n", c.title); err != nil {
			return err
		}
		for _, topic := range c.topics {
			text, err := Page(topic)
			if err != nil {
				return err
			}
			title, _, _ := strings.Cut(strings.TrimPrefix(text, "# "), "\n")
			if _, err := fmt.Fprintf(w, "  %-11s %s\n", topic, title); err != nil {
				return err
			}
		}
	}
	return nil
}

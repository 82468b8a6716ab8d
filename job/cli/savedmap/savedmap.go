// Package savedmap reads and writes files that say how a command reads a table: the columns, the encoding, the
// delimiter, the line of the header, the sheet, the names of roles and the fields of old keys. --save-map writes such a
// file, and --use reads it.
package savedmap

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"rolecall/api/auth/whole"
	"rolecall/csvio"
	"rolecall/csvio/alike"
	"rolecall/job/rolemap"
)

// File is the content of such a file. The keys in it are the names of the flags, with "_" for "-".
type File struct {
	Map       map[string]string `yaml:"map,omitempty"` // the header of a field's column
	Encoding  string            `yaml:"encoding,omitempty"`
	Delimiter string            `yaml:"delimiter,omitempty"`
	HeaderRow int               `yaml:"header_row,omitempty"`
	Sheet     string            `yaml:"sheet,omitempty"`
	MapRole   map[string]string `yaml:"map_role,omitempty"` // the role of the org, by the name in the table
	// ExternalID is the field of Zoho that holds the old keys of "deal" and "contact".
	ExternalID map[string]string `yaml:"external_id,omitempty"`

	path   string
	fields []csvio.Field
	lines  map[string]int // of the names in MapRole
}

// keys returns the keys of a file.
func keys() []string {
	return []string{"map", "encoding", "delimiter", "header_row", "sheet", "map_role", "external_id"}
}

// Read reads a file. fields is the fields that its map may have. An error names the line.
func Read(path string, fields []csvio.Field) (*File, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--use: %w", err)
	}
	s := &File{path: path, fields: fields, lines: map[string]int{}}
	var root yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(string(raw)))
	if err := decoder.Decode(&root); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: not YAML: %s", path, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(root.Content) == 0 {
		return nil, fmt.Errorf("%s: it is empty: --save-map writes such a file", path)
	}
	if err := s.pairs(root.Content[0], "the file", s.set); err != nil {
		return nil, err
	}
	return s, nil
}

// at returns the error of a mistake, with the file and the line of n.
func (s *File) at(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", s.path, n.Line, fmt.Sprintf(format, args...))
}

// pairs calls do with each key of a mapping and its value. It refuses a key that is there twice.
func (s *File) pairs(n *yaml.Node, what string, do func(key, value *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return s.at(n, "%s must be keys with values, such as  key: value", what)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if seen[key.Value] {
			return s.at(key, "%q stands twice", key.Value)
		}
		seen[key.Value] = true
		if err := do(key, n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// set sets the value of a key.
func (s *File) set(key, value *yaml.Node) (err error) {
	switch key.Value {
	case "map":
		if err = s.knownFields(value); err == nil {
			s.Map, err = s.texts(value, key.Value)
		}
	case "map_role":
		s.MapRole, err = s.texts(value, key.Value)
	case "external_id":
		if s.ExternalID, err = s.texts(value, key.Value); err == nil {
			err = s.checkExternal(value)
		}
	case "encoding":
		s.Encoding, err = s.text(value)
	case "delimiter":
		s.Delimiter, err = s.text(value)
	case "sheet":
		s.Sheet, err = s.text(value)
	case "header_row":
		if s.HeaderRow, err = strconv.Atoi(value.Value); err != nil || s.HeaderRow < 1 {
			return s.at(value, "header_row must be the number of a line, at least 1")
		}
	default:
		return s.at(key, "unknown key %q: %s", key.Value, nearest(key.Value, keys()))
	}
	return err
}

// checkExternal refuses fields of old keys that cannot be read.
func (s *File) checkExternal(n *yaml.Node) error {
	if _, err := csvio.ExternalOf(s.ExternalID); err != nil {
		return s.at(n, "external_id: %v", err)
	}
	return nil
}

// knownFields refuses a map with unknown fields.
func (s *File) knownFields(n *yaml.Node) error {
	var names []string
	for _, f := range s.fields {
		names = append(names, string(f))
	}
	return s.pairs(n, "map", func(key, _ *yaml.Node) error {
		if slices.Contains(names, key.Value) {
			return nil
		}
		return s.at(key, "map: there is no field %q: %s", key.Value, nearest(key.Value, names))
	})
}

// nearest returns a hint for an unknown word: the known word that is most similar, or all known words.
func nearest(word string, known []string) string {
	if one := alike.Nearest(word, known); one != "" {
		return "did you mean " + one + "?"
	}
	return "there is " + strings.Join(known, ", ")
}

func (s *File) text(n *yaml.Node) (string, error) {
	if n.Kind != yaml.ScalarNode {
		return "", s.at(n, "it must be one text")
	}
	return n.Value, nil
}

func (s *File) texts(n *yaml.Node, what string) (map[string]string, error) {
	all := map[string]string{}
	err := s.pairs(n, what, func(key, value *yaml.Node) error {
		text, err := s.text(value)
		all[key.Value] = text
		s.lines[key.Value] = cmp.Or(s.lines[key.Value], key.Line)
		return err
	})
	return all, err
}

// Roles returns the names of roles as a role map.
func (s *File) Roles() (rolemap.Map, error) {
	var m rolemap.Map
	for _, name := range slices.Sorted(maps.Keys(s.MapRole)) {
		m = append(m, rolemap.Pair{From: name, To: s.MapRole[name], At: fmt.Sprintf("%s:%d", s.path, s.lines[name])})
	}
	return rolemap.Join(m)
}

// Write writes the file, whole or not at all.
func (s *File) Write(path string) error {
	text, err := yaml.Marshal(s)
	if err != nil {
		return err
	}
	file, err := whole.Create(path)
	if err != nil {
		return err
	}
	defer file.Discard()
	if _, err := file.Write(text); err != nil {
		return err
	}
	return file.Commit()
}

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2/maybe"
	"go.yaml.in/yaml/v3"
)

// How long another process that writes the config file is waited for: it takes a few milliseconds.
const (
	configPatience = 5 * time.Second
	configPoll     = 10 * time.Millisecond
)

// save writes a profile into the config file, which it makes if need be: whole or not at all, 0600, with the other profiles, the comments and the defaults of flags as they are. What others
// wrote since it was read is kept.
func (c *configFile) save(name string, p profile) error {
	if err := c.write(name, p); err != nil {
		return &errUsage{fmt.Errorf("save the profile %s: %w", name, err)}
	}
	return nil
}

func (c *configFile) write(name string, p profile) error {
	if err := checkProfileName(name); err != nil {
		return err
	}
	unlock, err := c.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := os.MkdirAll(filepath.Dir(c.path), 0o700); err != nil {
		return err
	}
	if err := c.load(); err != nil {
		return err
	}
	changed, profiles, err := c.with(name, p)
	if err != nil {
		return err
	}
	path := c.path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a link stays one
	}
	if err := maybe.WriteFile(path, changed, 0o600); err != nil {
		return err
	}
	c.there, c.text, c.profiles = true, changed, profiles
	return nil
}

// with is what the file is with a profile put in, or changed. It is read again: a file that the next command refuses would be worse than none.
func (c *configFile) with(name string, p profile) ([]byte, []profile, error) {
	changed, err := withProfile(c.text, name, p)
	var profiles []profile
	if err == nil {
		profiles, err = parseConfig(changed, c.flags)
	}
	if wrong, ok := errors.AsType[*configError](err); ok {
		wrong.path, wrong.line = c.path, 0 // the line is not there yet
	}
	return changed, profiles, err
}

// free says whether the file can be written now, as far as other rolecall processes go.
func (c *configFile) free() error {
	unlock, err := c.lock()
	if err == nil {
		unlock()
	}
	return err
}

// lock keeps other rolecall processes from writing the file.
func (c *configFile) lock() (unlock func(), err error) {
	name, err := c.lockFile()
	if err != nil {
		return nil, err
	}
	lock := flock.New(name, flock.SetPermissions(0o600))
	for began := time.Now(); ; {
		ok, err := lock.TryLock()
		if err != nil {
			return nil, err
		}
		if ok {
			return func() { _ = lock.Unlock() }, nil
		}
		if time.Since(began) > configPatience {
			return nil, fmt.Errorf("another rolecall process has held %s for %s (lock %s): let it go on or end it, then try again", c.path, configPatience, name)
		}
		<-time.After(configPoll)
	}
}

// withProfile is the text of a config file with a profile put in, or changed.
func withProfile(raw []byte, name string, p profile) ([]byte, error) {
	var document yaml.Node
	empty, err := readTree(raw)
	if err != nil {
		return nil, err
	}
	if empty == nil { // comments alone are no document, and are kept as they are
		document = yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{{Kind: yaml.MappingNode}}}
	} else if err := yaml.Unmarshal(raw, &document); err != nil {
		return nil, notYAML(raw, err)
	}
	body := mappingIn(mappingIn(document.Content[0], "profiles"), name)
	for i, k := range profileKeys() {
		setKey(body, i, k.name, k.write(p))
	}
	var out bytes.Buffer
	if empty == nil && len(bytes.TrimSpace(raw)) > 0 {
		if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("#")) {
			return nil, &configError{err: errors.New("there is nothing but a document's mark in it: take it out")}
		}
		out.Write(append(bytes.TrimRight(raw, "\r\n"), '\n'))
	}
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := errors.Join(e.Encode(&document), e.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// mappingIn gives the mapping of a key, which it makes where there is none or nothing in it.
func mappingIn(n *yaml.Node, key string) *yaml.Node {
	i := indexOf(n, key)
	if i < 0 {
		n.Style &^= yaml.FlowStyle
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, &yaml.Node{Kind: yaml.MappingNode})
		return n.Content[len(n.Content)-1]
	}
	value := n.Content[i+1]
	if value.Kind != yaml.MappingNode {
		n.Content[i+1] = &yaml.Node{Kind: yaml.MappingNode, HeadComment: value.HeadComment, LineComment: value.LineComment, FootComment: value.FootComment}
	}
	return n.Content[i+1]
}

// indexOf finds a key in a mapping; -1 if it is not there.
func indexOf(n *yaml.Node, key string) int {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// setKey gives the key of that rank a value, or takes it out (nil). One that has that value already is left as it is written; a new one goes behind those that come before it.
func setKey(body *yaml.Node, rank int, key string, value *yaml.Node) {
	i := indexOf(body, key)
	switch {
	case i < 0 && value == nil:
	case i >= 0 && value == nil:
		body.Content = slices.Delete(body.Content, i, i+2)
	case i >= 0:
		old := body.Content[i+1]
		if !sameValue(old, value) {
			value.HeadComment, value.LineComment, value.FootComment = old.HeadComment, old.LineComment, old.FootComment
			body.Content[i+1] = value
		}
	default:
		place := 0
		for _, earlier := range profileKeys()[:rank] {
			if j := indexOf(body, earlier.name); j >= 0 {
				place = max(place, j+2)
			}
		}
		body.Content = slices.Insert(body.Content, place, textNode(key), value)
	}
}

func sameValue(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Value == b.Value && slices.EqualFunc(a.Content, b.Content, sameValue)
}

package profile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"rolecall/api/auth/private"
	"rolecall/api/auth/whole"
	"rolecall/job"
)

// Logins returns the folder beside the config file in which auth login writes a file for each profile.
func (f *File) Logins() string { return f.Path + ".d" }

// loginFile returns the path of the file that auth login writes for a profile.
func (f *File) loginFile(name string) string { return filepath.Join(f.Logins(), name+".yaml") }

// loadLogins reads the files of auth login, and adds to each profile what the config file leaves out.
func (f *File) loadLogins() error {
	found, err := os.ReadDir(f.Logins())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, one := range found {
		name, ok := strings.CutSuffix(one.Name(), ".yaml")
		if !ok || strings.HasPrefix(name, ".") { // a file that is being written
			continue
		}
		p, err := f.readLogin(name)
		if err == nil {
			err = f.add(p)
		}
		if err != nil {
			return inFile(f.loginFile(name), err)
		}
		f.Exists = true
	}
	return nil
}

func (f *File) readLogin(name string) (Profile, error) {
	if err := CheckName(name); err != nil {
		return Profile{}, &fileError{err: err}
	}
	text, err := readConfig(f.loginFile(name))
	if err != nil {
		return Profile{}, err
	}
	return parseEntry(text, name, f.loginFile(name))
}

// add adds a profile of auth login. Each value in the config file wins over it.
func (f *File) add(login Profile) error {
	for i := range f.Profiles {
		p := &f.Profiles[i]
		switch {
		case p.Name == login.Name:
			p.complete(login)
			return nil
		case strings.EqualFold(p.Name, login.Name):
			return &fileError{err: fmt.Errorf("the profile %s differs from %s (%s) only in case: rename one of them",
				login.Name, p.Name, p.From[nameKey])}
		}
	}
	f.Profiles = append(f.Profiles, login)
	return nil
}

// complete takes from login each value that p leaves out. The source of a secret counts as one value, whatever its key
// is.
func (p *Profile) complete(login Profile) {
	for _, field := range fields() {
		if *field.of(p) == "" && *field.of(&login) != "" {
			*field.of(p) = *field.of(&login)
			p.From[field.key] = login.From[field.key]
		}
	}
	theirs := login.sources()
	for prefix, s := range p.sources() {
		if key, from := login.origin(prefix); !s.Set() && theirs[prefix].Set() {
			*s = *theirs[prefix]
			p.From[key] = from
		}
	}
}

// origin returns the place of a value in the files, and its full key. For a secret, prefix is the beginning of the key.
func (p *Profile) origin(prefix string) (key string, from Origin) {
	for key, from := range p.From {
		if key == prefix || strings.HasPrefix(key, prefix+"_") && p.sources()[prefix] != nil {
			return key, from
		}
	}
	return prefix, Origin{}
}

// OwnRefresh reports whether the file of auth login has the source of a profile's refresh token. Otherwise from is the
// line of the config file that has it.
func (f *File) OwnRefresh(p Profile) (own bool, from Origin) {
	_, from = p.origin("refresh_token")
	return from.Path != f.Path, from
}

// clash refuses a profile with values that the config file contradicts, because the config file wins.
func (f *File) clash(p Profile) error {
	config, err := f.Profile(p.Name)
	if err != nil {
		return nil //nolint:nilerr // A new profile contradicts nothing.
	}
	refuse := func(key string) error {
		key, from := config.origin(key)
		if from.Path != f.Path {
			return nil
		}
		return fmt.Errorf("%s: %s is not what this sign-in needs, and rolecall does not change that file: "+
			"change the line, or take it out", from, key)
	}
	for _, field := range fields() {
		if *field.of(&config) != *field.of(&p) {
			if err := refuse(field.key); err != nil {
				return err
			}
		}
	}
	wanted := p.sources()
	for prefix, s := range config.sources() {
		if s.Set() && !f.p.same(*s, *wanted[prefix]) {
			if err := refuse(prefix); err != nil {
				return err
			}
		}
	}
	return nil
}

// same reports whether two sources are the same.
func (p *Profiles) same(a, b Source) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	path, err := p.besideConfig(a.File)
	return err == nil && a.File != "" && path == b.File
}

// CheckSave checks that a profile can be saved: the folder must be writable, and the config file must not contradict a
// value.
func (f *File) CheckSave(p Profile) error {
	for _, folder := range []string{filepath.Dir(f.Path), f.Logins()} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		if err := CheckFolders(filepath.Join(folder, "x")); err != nil {
			return err
		}
	}
	if err := private.CheckWritable(f.Logins()); err != nil {
		return err
	}
	for _, other := range f.Profiles {
		if other.Name != p.Name && strings.EqualFold(other.Name, p.Name) {
			return fmt.Errorf("%s: the profile %s differs from %s only in case: choose another name",
				other.From[nameKey], p.Name, other.Name)
		}
	}
	return f.clash(p)
}

// Save writes the values that the config file leaves out to the profile's file of auth login, whole or not at all, with
// mode 0600.
func (f *File) Save(p Profile) error {
	err := CheckName(p.Name)
	fresh := &File{Path: f.Path, p: f.p} // somebody may have changed the files
	if err == nil {
		err = fresh.load()
	}
	if err == nil {
		err = fresh.CheckSave(p)
	}
	if err == nil {
		err = fresh.write(p)
	}
	if err != nil {
		return &job.UsageError{Err: fmt.Errorf("save the profile %s: %w", p.Name, err)}
	}
	f.Profiles, f.Exists = fresh.Profiles, true
	return nil
}

// write writes the file of a profile, and then reads all files again, to be sure that the next command can read them.
func (f *File) write(p Profile) error {
	config, err := f.Profile(p.Name)
	if err != nil {
		config = Profile{From: map[string]Origin{}}
	}
	mapping := &yaml.Node{Kind: yaml.MappingNode}
	put := func(prefix, key, value string) {
		if _, from := config.origin(prefix); value != "" && from.Path != f.Path {
			mapping.Content = append(mapping.Content,
				&yaml.Node{Kind: yaml.ScalarNode, Value: key},
				&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value})
		}
	}
	for _, field := range fields() {
		put(field.key, field.key, *field.of(&p))
	}
	for _, prefix := range []string{"secret", "refresh_token"} {
		if s := p.sources()[prefix]; s.Set() {
			key, value := s.write(prefix)
			put(prefix, key, value)
		}
	}
	var text bytes.Buffer
	winner := filepath.Base(f.Path)
	text.WriteString("# rolecall auth login keeps this file. The values of " + winner + " win over it.\n")
	if err := yaml.NewEncoder(&text).Encode(mapping); err != nil {
		return err
	}
	if _, err := parseEntry(text.Bytes(), p.Name, f.loginFile(p.Name)); err != nil {
		return inFile(f.loginFile(p.Name), err)
	}
	if err := whole.WriteFile(f.loginFile(p.Name), text.Bytes()); err != nil {
		return err
	}
	f.Profiles = nil
	return f.load()
}

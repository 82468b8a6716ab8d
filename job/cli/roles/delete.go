package roles

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/picklist"
	"rolecall/job/rundir"
)

// deleteCmd deletes roles.
type deleteCmd struct {
	command.ProfileFlag
	runFlags
	tableFlags
	command.YesFlag

	Roles []string `arg:"" name:"file|id|name" help:"A table with a column id or name (- is stdin), or the ids or names of roles."`
}

// Validate calls the Validate methods of its embedded flags.
func (c *deleteCmd) Validate() error {
	return errors.Join(c.tableFlags.Validate(), c.LimitFlags.Validate())
}

// Help is the part of --help below the flags.
func (*deleteCmd) Help() string {
	return `If the only argument is a file, it is a table of roles. All other arguments are ids or names of roles. rolecall
shows which roles it would delete and asks first. Without a terminal it needs --yes, or it ends with exit code 2.
Zoho does not say what happens to deals that use a deleted role. rolecall export shows before who has the role. An org
keeps its last role. before.csv in the run's folder has the list before the run.

Example:
  rolecall roles delete "Executive Sponsor" --dry-run`
}

// Run does the command.
func (c *deleteCmd) Run(ctx context.Context, p *command.Process) error {
	file, err := c.file()
	if err != nil {
		return err
	}
	input := command.FromFile(file)
	if file == "" {
		input = func(q *job.Request) (err error) { q.Made, err = picklist.Named(c.Roles); return err }
	}
	a := command.Asked{Profile: c.Profile, Kind: picklist.Delete, Settings: c.settings(), Yes: c.Yes}
	return c.start(ctx, p, a, picklist.Options{ByName: c.ByName}, input)
}

// file returns the path of the table that the arguments name, or "" if they name roles.
func (c *deleteCmd) file() (string, error) {
	if slices.ContainsFunc(c.Roles, func(word string) bool { return strings.TrimSpace(word) == "" }) {
		return "", &job.UsageError{Err: errors.New("an empty word names no role: give an id, a name or a table")}
	}
	word := c.Roles[0]
	if len(c.Roles) > 1 {
		return "", nil
	}
	if word == "-" {
		return word, nil
	}
	info, err := os.Stat(word)
	switch ending := filepath.Ext(word) != ""; {
	case errors.Is(err, fs.ErrNotExist) && (isTable(word) || isPath(word)):
		return "", &job.UsageError{Err: fmt.Errorf("there is no file %s (to delete a role of this name, "+
			"give its id)", word)}
	case err != nil || info.IsDir():
		return "", nil //nolint:nilerr // There is no such file, so the word is the name of a role.
	case !ending && filepath.Base(word) == word:
		return "", &job.UsageError{Err: fmt.Errorf("%q is a file here, and may be a role: "+
			"for the file give %s, for the role its id", word, rundir.ShellQuote("."+string(os.PathSeparator)+word))}
	}
	return word, nil
}

// isPath reports whether a word is a path of this folder and not a role's name. Names may have a / inside.
func isPath(word string) bool { return strings.HasPrefix(word, "./") || strings.HasPrefix(word, `.\`) }

// isTable reports whether a name has the ending of a table. The file need not exist.
func isTable(name string) bool {
	_, known := csvio.FormatOf(strings.TrimSuffix(name, ".gz"))
	return known
}

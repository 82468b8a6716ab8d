package rolemap

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"rolecall/api/auth/whole"
	"rolecall/csvio"
	"rolecall/csvio/alike"
	"rolecall/job/report"
)

// SaveFlag is the flag that names the file of Save.
const SaveFlag = "--save-role-map"

// CheckNew refuses the path of an existing file, because somebody may have filled the file in.
func CheckNew(path string) error {
	if path == "" {
		return nil
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s %s: the file exists already, and somebody may have filled it in: give another name",
			SaveFlag, path)
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s %s: %w", SaveFlag, path, err)
	}
	return nil
}

// shownRoles is the most roles of the org that Save writes beside a name.
const shownRoles = 10

// Save writes unknown names to a new table: the name, an empty column for the choice, and the roles of the org, the
// nearest first. The user fills it in and gives it to [Flag].
func Save(path string, unknown *report.UnknownRoles) error {
	if err := CheckNew(path); err != nil {
		return err
	}
	file, err := whole.Create(path)
	if err != nil {
		return err
	}
	defer file.Discard()
	if _, err := file.WriteString(csvio.MarkUTF8); err != nil {
		return err
	}
	columns := []csvio.Column{{Name: string(columnFrom)}, {Name: string(columnTo)}, {Name: string(columnNear)}}
	table, err := csvio.NewTableWriter(file, columns, csvio.TableOptions{Format: csvio.FormatCSV})
	if err != nil {
		return err
	}
	for _, one := range unknown.Names {
		roles := alike.Ranked(one.Name, unknown.Org)
		near := strings.Join(roles[:min(len(roles), shownRoles)], "; ")
		if err := table.Write([]csvio.Value{{Text: one.Name}, {}, {Text: near}}); err != nil {
			return err
		}
	}
	if err := table.Close(); err != nil {
		return err
	}
	return file.Commit()
}

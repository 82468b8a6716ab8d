package rundir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf8"

	"rolecall/api/auth/whole"
)

// Taken is a file that no output of a command may replace, because the command also reads or writes that file. A Path
// of "" or "-" is no file. What describes the file, for messages.
type Taken struct{ Path, What string }

// OutputPlace checks the path of an output file before anything is read, and returns it as an absolute path without
// links, so that resume works from any folder. flag is the flag that gave the path, for messages. The error is a
// *[whole.HeldError] if another program has the file open, else a *[UsageError]: the path is a folder, no regular file
// or one of the taken files, or no file can be written there.
func OutputPlace(flag, to string, taken ...Taken) (string, error) {
	if !utf8.ValidString(to) {
		return "", notUTF8(flag, to)
	}
	path, err := filepath.Abs(to)
	if err != nil {
		return "", &UsageError{Err: err}
	}
	if path, err = whole.Real(path); err != nil {
		return "", &UsageError{Err: fmt.Errorf("%s: %w", flag, err)}
	}
	if err := checkName(filepath.Base(path)); err != nil {
		return "", usagef("%s %s: %w: choose another name", flag, to, err)
	}
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return "", &UsageError{Err: fmt.Errorf("%s: %w", flag, err)}
	case info.IsDir():
		return "", &UsageError{Err: fmt.Errorf("%s %s is a folder: give a file", flag, to)}
	case !info.Mode().IsRegular():
		orStdout := ""
		if flag == "--output" {
			orStdout = ", or --output -"
		}
		return "", usagef("%s %s is no regular file, so it cannot be replaced whole: give another file%s",
			flag, to, orStdout)
	}
	for _, t := range taken {
		if t.Path != "" && t.Path != "-" && whole.Same(path, t.Path) {
			return "", usagef("%s %s is %s: choose another file", flag, to, t.What)
		}
	}
	// An unwritable folder must fail now, not after fifty thousand reads.
	w, err := whole.Create(path)
	if err != nil {
		return "", &UsageError{Err: fmt.Errorf("%s: %w", flag, err)}
	}
	w.Discard()
	if err := whole.CheckHeld(path); err != nil {
		return "", fmt.Errorf("%s: %w", flag, err)
	}
	return path, nil
}

// checkName refuses the name of a file or folder that Windows would change or refuse: a device such as con.csv, a
// reserved character, a dot or space at the end (Microsoft, Naming Files, Paths, and Namespaces). Other systems keep
// every name or refuse it themselves.
func checkName(base string) error {
	switch {
	case runtime.GOOS != "windows":
	case !filepath.IsLocal(base):
		return errors.New("this name is reserved for a device on Windows")
	case strings.ContainsAny(base, `<>:"|?*`):
		return errors.New(`a name on Windows has none of < > : " | ? *`)
	case strings.TrimRight(base, ". ") != base:
		return errors.New("a name on Windows does not end with a dot or a space")
	}
	return nil
}

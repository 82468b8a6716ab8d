package cli_test

import (
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdExpand is: expand FROM TO. It copies a file with the script's variables put in, as one that only its owner can get
// at.
func cmdExpand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: expand FROM TO")
	}
	to := ts.MkAbs(args[1])
	ts.Check(os.MkdirAll(filepath.Dir(to), 0o700))
	ts.Check(os.WriteFile(to, []byte(os.Expand(ts.ReadFile(args[0]), ts.Getenv)), 0o600))
}

// tighten takes from others what the umask of whoever runs the tests gives them: the files of a script must not depend
// on it.
func tighten(folder string) error {
	return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil || info.Mode().Type() != 0 && !d.IsDir() {
			return err
		}
		return os.Chmod(path, info.Mode().Perm()&^0o077)
	})
}

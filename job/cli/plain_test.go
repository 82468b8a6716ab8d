//go:build unix

package cli_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// plainFolder has a rolecall without the race detector in it, built once. It is "" if the tests run without the
// detector, or if there is no Go tool. A process with the detector takes three times as long. The tests of a machine,
// and scripts that do one thing at a time, use this rolecall: they are about messages and files.
var plainFolder = sync.OnceValues(func() (string, error) {
	if !underRace {
		return "", nil
	}
	rolecall, err := exec.LookPath("rolecall")
	if err != nil {
		return "", err
	}
	folder := filepath.Join(filepath.Dir(rolecall), "plain") // which goes with the other's
	build := exec.Command("go", "build", "-race=false", "-ldflags=-s -w", "-o", filepath.Join(folder, "rolecall"),
		"rolecall")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as released
	out, err := build.CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", build, err, out)
	}
	return folder, os.Chmod(folder, 0o755) //nolint:gosec // Some tests run the program as another user.
})

// lateGarbage has the garbage of a process collected from 16 MB on in place of 4: its start makes 4, and most processes
// of the tests end soon after. It saves an eighth of the time of a start.
const lateGarbage = "400"

// plainEnviron is the environment with that rolecall in its path.
func plainEnviron() []string {
	folder, err := plainFolder()
	if err != nil {
		panic(err)
	}
	if folder == "" {
		return os.Environ()
	}
	return append(os.Environ(), "PATH="+folder+string(filepath.ListSeparator)+os.Getenv("PATH"), "GOGC="+lateGarbage)
}

// plainRolecall is the path of that rolecall, or the name of the other where there is none.
func plainRolecall() string {
	folder, err := plainFolder()
	if err != nil {
		panic(err)
	}
	if folder == "" {
		return "rolecall"
	}
	return filepath.Join(folder, "rolecall")
}

// withoutDetector puts that rolecall in the path of a script.
func withoutDetector(env *testscript.Env) error {
	folder, err := plainFolder()
	if err != nil || folder == "" {
		return err
	}
	env.Setenv("PATH", folder+string(filepath.ListSeparator)+env.Getenv("PATH"))
	env.Setenv("GOGC", lateGarbage)
	return nil
}

// TestPlainIsRolecall holds the two to be the same program.
func TestPlainIsRolecall(t *testing.T) {
	t.Parallel()
	help := func(environ []string) string {
		c := exec.CommandContext(t.Context(), "sh", "-c", "rolecall --help")
		c.Env = environ
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	if plain, own := help(plainEnviron()), help(os.Environ()); plain != own || own == "" {
		t.Errorf("got %s, want %s", plain, own)
	}
}

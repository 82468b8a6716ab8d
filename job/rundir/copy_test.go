package rundir

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func isUsage(err error) bool {
	_, ok := errors.AsType[*UsageError](err)
	return ok
}

func TestCopyResults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from, target, link := filepath.Join(dir, "from"), filepath.Join(dir, "target"), filepath.Join(dir, "link")
	for path, text := range map[string]string{from: "table", target: "before"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip("this user may not make links (as on Windows without the right to):", err)
	}
	var stdout strings.Builder
	for _, to := range []string{"", "-", link, os.DevNull} {
		if err := CopyResults(t.Context(), from, to, &stdout, func(w io.Writer, r io.Reader) error {
			_, err := io.Copy(w, r)
			return err
		}); err != nil {
			t.Errorf("%q: %v", to, err)
		}
	}
	if text, err := os.ReadFile(target); err != nil || string(text) != "table" || stdout.String() != "table" {
		t.Errorf("behind the link %q, %v; on stdout %q", text, err, stdout.String())
	}
	if info, err := os.Lstat(link); err != nil || info.Mode().IsRegular() {
		t.Errorf("the link was replaced: %v", err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s was replaced: %v", os.DevNull, err)
	}
}

// The results may go to a device, a new file or an existing file. They may not go to the input or into the run's
// folder, by whatever name.
func TestCopyPlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.Mkdir(at("run"), 0o700), os.WriteFile(at("in.csv"), nil, 0o600),
		os.WriteFile(at("there.csv"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	links := map[string]string{"soft.csv": "in.csv", "into.csv": filepath.Join("run", "run.db"), "alias": "run"}
	for link, to := range links {
		if err := os.Symlink(to, at(link)); err != nil {
			t.Skip("this user may not make links (as on Windows without the right to):", err)
		}
	}
	if err := os.Link(at("in.csv"), at("hard.csv")); err != nil {
		t.Fatal(err)
	}
	taken := []Taken{{at("in.csv"), "the input itself"}, {"", "nothing"}, {"-", "stdin"}}
	for to, says := range map[string]string{
		"there.csv": "", "new.csv": "", filepath.Join("run", "..", "new.csv"): "",
		"in.csv": "the input itself", "soft.csv": "the input itself", "hard.csv": "the input itself",
		filepath.Join("run", "x.csv"): "own folder", filepath.Join("alias", "x.csv"): "own folder",
		"into.csv": "own folder", "run": "folder", filepath.Join("no", "x.csv"): "--results",
	} {
		got, err := CopyPlace(at(to), at("run"), taken...)
		refused := isUsage(err) && strings.Contains(err.Error(), says)
		if says == "" && (err != nil || got != at(to)) || says != "" && !refused {
			t.Errorf("%s: %s, %v", to, got, err)
		}
	}
	if got, err := CopyPlace(os.DevNull, at("run"), taken...); err != nil || got == "" {
		t.Error(err)
	}
	if _, err := CopyPlace(at("new-run"), at("new-run"), taken...); !isUsage(err) {
		t.Errorf("the folder that the run makes: %v", err)
	}
}

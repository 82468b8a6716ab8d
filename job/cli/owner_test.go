//go:build unix

package cli_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rolecall/api/emulator"
)

// stranger is the id of a user who is neither root nor this one.
const stranger = 65534

// What another user owns is refused, whatever its mode: that user can change the mode.
func TestOwnerIsLookedAt(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("the test gives files to another user, which only root may do")
	}
	m := newMachine(t, emulator.Options{})
	m.env = append(m.env, "XDG_STATE_HOME="+filepath.Join(m.dir, "home"))
	config := filepath.Join(m.dir, "mine.yaml")
	secret := filepath.Join(m.dir, "secret")
	for path, text := range map[string]string{
		config: "profiles:\n  p: {api_url: \"" + m.w.server.URL + "\", client_id: x, secret_file: secret, " +
			"refresh_token_env: ROLECALL_REFRESH_TOKEN}\n",
		secret: "x\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const command = "rolecall assign in.csv --dry-run --profile p --config mine.yaml"
	m.exits(0, command)
	paths := []string{config, secret, m.dir}
	err := filepath.WalkDir(filepath.Join(m.dir, "home"), func(path string, _ fs.DirEntry, err error) error {
		if base := filepath.Base(path); base == "rolecall" || base == "tokens" || filepath.Ext(path) == ".json" &&
			filepath.Base(filepath.Dir(path)) == "tokens" {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) != 6 { // the state folder, the tokens' folder and a token
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		if err := os.Chown(path, stranger, -1); err != nil {
			t.Fatal(err)
		}
		code, said := m.sh(command)
		if code != 2 || !strings.Contains(said, path+" belongs to the user with id 65534") ||
			!strings.Contains(said, "chown 0 ") {
			t.Errorf("%s: exit code %d: %s", path, code, said)
		}
		if err := os.Chown(path, 0, -1); err != nil {
			t.Fatal(err)
		}
	}
	m.exits(0, command)
}

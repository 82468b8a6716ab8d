package machine

import (
	"context"
	"errors"
	"os"
	"testing"
	"testing/synctest"

	"zombiezen.com/go/sqlite"
)

// Nobody can remove the database while a process has it open, even if it is damaged.
func TestAnOpenDatabaseIsNotRemoved(t *testing.T) {
	t.Parallel()
	m, _ := newMachine(t)
	lease(t, m.Credits("a"), 1)
	err := m.read(func(*sqlite.Conn) error {
		alone, err := newLock(m.path + ".lock").TryLock()
		if alone {
			t.Error("the database can be removed while it is open")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		damaged := In(t.TempDir())
		if err := os.WriteFile(damaged.path, []byte("no database"), 0o600); err != nil {
			t.Fatal(err)
		}
		open := newLock(damaged.path + ".lock")
		if shared, err := open.TryRLock(); err != nil || !shared {
			t.Fatal(shared, err)
		}
		err := damaged.write(func(*sqlite.Conn) error { return nil })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want a wait of %s", err, patience)
		}
		if content, err := os.ReadFile(damaged.path); string(content) != "no database" {
			t.Errorf("the file has %q, %v", content, err)
		}
	})
}

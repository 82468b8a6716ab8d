package machine

import (
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// All processes of a machine make the same seal for a record, also if they make the key at the same time. Another
// machine makes another seal, and another record has another seal.
func TestSeal(t *testing.T) {
	t.Parallel()
	m, _ := newMachine(t)
	var wg sync.WaitGroup
	seals := make([]string, 8)
	for i := range seals {
		wg.Go(func() {
			var err error
			if seals[i], err = m.another().Seal([]byte("a run")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, seal := range seals {
		if seal != seals[0] || len(seal) != 64 {
			t.Errorf("the seals are %q", seals)
			break
		}
	}
	changed, err := m.Seal([]byte("a run that was changed"))
	other, _ := newMachine(t)
	foreign, errOther := other.Seal([]byte("a run"))
	if err != nil || errOther != nil || changed == seals[0] || foreign == seals[0] {
		t.Errorf("changed %s, %v; foreign %s, %v", changed, err, foreign, errOther)
	}
	key := filepath.Join(m.folder, keyFile)
	if info, err := os.Stat(key); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v, %v", info, err)
	}
	for _, broken := range []string{"", "no digits", "abcd"} {
		if err := os.WriteFile(key, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if seal, err := m.Seal([]byte("a run")); err == nil {
			t.Errorf("a key of %q gives the seal %s", broken, seal)
		}
	}
}

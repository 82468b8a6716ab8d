package job

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"rolecall/job/rundir"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// killed gives what a process leaves that is killed now: the store of a copy of the folder, with what was recorded last taken in.
func killed(t interface {
	Fatal(...any)
}, dir, copied string,
) *store {
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	s, err := openStore(filepath.Join(copied, rundir.Database), false)
	if err == nil {
		err = s.replay()
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// rowsOf reads the outcomes of a store: row to answer.
func rowsOf(t interface{ Fatal(...any) }, s *store) map[int64]answer {
	rows := map[int64]answer{}
	err := s.eachOutcome(func(o *storedOutcome) error {
		if _, twice := rows[o.row]; twice {
			return fmt.Errorf("row %d has two outcomes", o.row)
		}
		rows[o.row] = answer{http: int(o.number)}
		return nil
	})
	for row, a := range rows {
		if err == nil {
			rows[row], err = s.answerNumber(int64(a.http))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func recordedIn(t testing.TB, dir string) (*store, *recorder) {
	t.Helper()
	s, err := openStore(filepath.Join(dir, rundir.Database), true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	r, err := newRecorder(s, func(err error) { t.Error(err) }, func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return s, r
}

// Killed at any moment, between any two steps of recording and committing: what was recorded is there, once, with its answer; and a process that goes on from there and is killed as well loses
// nothing either.
func TestWhatIsRecordedSurvivesAKill(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		dir := filepath.Join(root, fmt.Sprint(runs))
		if err := os.Mkdir(dir, 0o700); err != nil {
			rt.Fatal(err)
		}
		_, r := recordedIn(t, dir)
		want := map[int64]answer{}
		for kills, row := 0, int64(0); kills < 2; {
			switch rapid.IntRange(0, 5).Draw(rt, "step") {
			case 0, 1, 2:
				row++
				a := answer{StatusSuccess, ActionAssigned, codeSuccess, fmt.Sprint("said ", row%3), 200}
				if err := r.add(outcome{row: row, answer: a, details: `{"id":"1"}`, attempts: 1}); err != nil {
					rt.Fatal(err)
				}
				want[row] = a
			case 3:
				r.write()
			case 4: // begun to commit, and no further
				r.committing.Lock()
				if _, err := r.take(); err != nil {
					rt.Fatal(err)
				}
				r.committing.Unlock()
				fallthrough
			case 5:
				kills++
				copied := filepath.Join(root, fmt.Sprint(runs, "-", kills))
				s := killed(rt, dir, copied)
				if d := cmp.Diff(want, rowsOf(rt, s), cmp.AllowUnexported(answer{})); d != "" {
					rt.Fatalf("after kill %d (-want +got):\n%s", kills, d)
				}
				close(r.ended)
				r.ticking.Wait()
				dir = copied
				var err error
				if r, err = newRecorder(s, func(err error) { t.Error(err) }, func() error { return nil }); err != nil {
					rt.Fatal(err)
				}
				t.Cleanup(func() { _ = s.Close() })
			}
		}
		if err := r.close(); err != nil {
			rt.Fatal(err)
		}
		if left, err := filepath.Glob(filepath.Join(dir, rundir.Database+"-outcomes*")); err != nil || len(left) > 0 {
			rt.Fatalf("left behind: %v, %v", left, err)
		}
	})
}

// A journal that was cut anywhere, or damaged, gives the frames before that place and no others.
func TestFramesUpToTheFirstThatIsNotWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		j, err := openJournal(filepath.Join(dir, rundir.Database), 7)
		if err != nil {
			t.Fatal(err)
		}
		want := [][]byte{packNumber(nil, 8)}
		for range rapid.IntRange(0, 5).Draw(t, "frames") {
			body := rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(t, "body")
			want = append(want, body)
			if err := j.write(func(b []byte) []byte { return append(b, body...) }); err != nil {
				t.Fatal(err)
			}
		}
		b, err := os.ReadFile(j.paths[0])
		if err = errors.Join(err, j.remove()); err != nil {
			t.Fatal(err)
		}
		if got := frames(b); !slices.EqualFunc(want, got, slices.Equal) {
			t.Fatalf("got %v, want %v", got, want)
		}
		cut := frames(b[:rapid.IntRange(0, len(b)).Draw(t, "cut")])
		damaged := slices.Clone(b)
		damaged[rapid.IntRange(0, len(b)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		for _, got := range [][][]byte{cut, frames(damaged), frames(append(slices.Clone(b), make([]byte, 30)...))} {
			if len(got) > len(want) || !slices.EqualFunc(want[:len(got)], got, slices.Equal) {
				t.Fatalf("got %v of %v", got, want)
			}
		}
	})
}

// A file that was emptied to be written to again, and one of zeros, which a machine that died may leave, are nothing; and so is one whose outcomes are in run.db already.
func TestReplayOfWhatIsNothing(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{"empty": {}, "zeros": make([]byte, 4096), "text": []byte("no journal at all"), "of before": nil} {
		s := newStore(t)
		if err := s.Put("journal", 8); err != nil {
			t.Fatal(err)
		}
		paths := journalPaths(s.Path)
		if content == nil {
			j, err := openJournal(s.Path, 7)
			if err != nil {
				t.Fatal(err)
			}
			nums := &answerNumbers{known: map[answer]int64{}}
			if err := j.write(func(b []byte) []byte { return newGroup(8).pack(b, []outcome{{row: 1}}, nums) }); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(paths[0], content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.replay(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if rows := slices.Collect(maps.Keys(rowsOf(t, s))); len(rows) > 0 {
			t.Errorf("%s: rows %v", name, rows)
		}
		if _, err := os.Stat(paths[0]); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: left behind: %v", name, err)
		}
	}
}

// FuzzFrames: whatever a file holds, it is frames that were written or nothing.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, 16))
	f.Fuzz(func(t *testing.T, b []byte) {
		total := 0
		for _, frame := range frames(b) {
			total += frameHead + len(frame)
			g := newGroup(1)
			if err := g.unpack(frame); err != nil && !errors.Is(err, errPacked) {
				t.Error(err)
			}
		}
		if total > len(b) {
			t.Errorf("%d bytes of frames in %d", total, len(b))
		}
	})
}

package job_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/job"
)

// noDeadline hides the deadline of a test, because rapid asks for it, and a synctest bubble does not allow that.
type noDeadline struct{ testing.TB }

// killing simulates a kill of a run at its n-th call: it copies the folder, and the run of this process does nothing
// more. applied reports whether the call has its effect before the kill.
func (s *shelf) killing(dir, copied string, n int, applied bool) {
	kill := func() error {
		s.Copy(dir, copied)
		return &job.Stop{Reason: job.Interrupted, Err: job.ErrInterrupted}
	}
	s.stop = nil
	if !applied {
		s.stop = func() error {
			if n--; n > 0 {
				return nil
			}
			return kill()
		}
		return
	}
	s.lost = func() error {
		if n--; n > 0 {
			return nil
		}
		return kill()
	}
}

// A run may be killed at any calls, before or after they have their effect. Recorded rows are not sent again, nothing
// is lost, each row has one outcome, and the effect equals that of the rows one by one.
func TestWhatIsRecordedSurvivesAKill(t *testing.T) {
	t.Parallel()
	root, n := t.TempDir(), 0
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(noDeadline{t}, func(rt *rapid.T) {
			s := newShelf(t)
			n++
			if s.Dir = filepath.Join(root, fmt.Sprint(n)); os.Mkdir(s.Dir, 0o700) != nil {
				rt.Fatal("no folder")
			}
			s.together = rapid.IntRange(1, 4).Draw(rt, "together")
			var lines []string
			want, total := map[string]string{}, rapid.IntRange(1, 40).Draw(rt, "rows")
			for range total {
				key, item := rapid.IntRange(1, 4).Draw(rt, "key"), rapid.IntRange(1, 5).Draw(rt, "item")
				text := rapid.SampledFrom([]string{"x", "y", ""}).Draw(rt, "text")
				lines = append(lines, fmt.Sprintf("%d %d %s", key, item, text))
				if text != "" {
					want[fmt.Sprint(key, "/", item)] = fmt.Sprintf("%q", text)
				}
			}
			q := s.request(lines...)
			q.Settings.LastWins = true // superseded rows say what rows one by one say
			dir, kills := q.RunDir, rapid.IntRange(0, 3).Draw(rt, "kills")
			for kill := range kills + 1 {
				copied := fmt.Sprint("killed", kill)
				s.stop, s.lost = nil, nil
				if kill < kills {
					s.killing(dir, copied, rapid.IntRange(1, 10).Draw(rt, "at call"), rapid.Bool().Draw(rt, "applied"))
				}
				s.calls = nil
				var err error
				if kill == 0 {
					_, err = job.Start(t.Context(), q)
				} else {
					_, err = s.resume(dir)
				}
				if err != nil && !errors.Is(err, job.ErrFinished) {
					rt.Fatal(err)
				}
				if _, err := os.Stat(filepath.Join(s.Dir, copied)); err != nil {
					break // it came to its end before the kill
				}
				dir = filepath.Join(s.Dir, copied)
				s.checkNotSentAgain(rt, dir)
			}
			if d := cmp.Diff(want, s.slots); d != "" {
				rt.Fatalf("effect (-one by one +got):\n%s", d)
			}
			rows := s.Table(filepath.Join(dir, "results.csv")).Column("rc_row", "rc_status")
			if len(rows) != total {
				rt.Fatalf("%d rows became %v", total, rows)
			}
			for i, line := range lines {
				status := job.Success
				if strings.HasSuffix(line, " ") {
					status = job.Failed
				}
				if rows[i] != fmt.Sprint(i+1, " ", status) {
					rt.Fatalf("row %d of %q: %s", i+1, lines, rows[i])
				}
			}
		})
	})
}

// checkNotSentAgain remembers which rows are recorded in the folder after a kill, so that the test fails if one of them
// is sent again.
func (s *shelf) checkNotSentAgain(t *rapid.T, dir string) {
	var done []int64
	for _, r := range s.Rows(dir) {
		if r.Done != nil {
			done = append(done, r.N)
		}
	}
	s.before = func(call []job.Row) {
		for _, r := range call {
			if slices.Contains(done, r.N) {
				t.Errorf("row %d is sent again", r.N)
			}
		}
	}
}

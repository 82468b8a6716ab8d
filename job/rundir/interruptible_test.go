package rundir

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestInterruptibleReadsEverything(t *testing.T) {
	t.Parallel()
	want := strings.Repeat("0123456789", 50_000)
	for name, source := range map[string]io.Reader{
		"at once": strings.NewReader(want), "data with the end": iotest.DataErrReader(strings.NewReader(want)),
		"in halves": iotest.HalfReader(strings.NewReader(want)),
	} {
		got, err := io.ReadAll(newInterruptible(t.Context(), source))
		if err != nil || string(got) != want {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	broken := errors.New("broken")
	got, err := io.ReadAll(
		newInterruptible(t.Context(), io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(broken))),
	)
	if !errors.Is(err, broken) || string(got) != "ab" {
		t.Errorf("%q, %v", got, err)
	}
}

// A pipe that stays silent does not keep a run from being interrupted.
func TestInterruptibleGivesUp(t *testing.T) {
	t.Parallel()
	silent, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	in, _, err := OpenInput(ctx, "-", io.MultiReader(bytes.NewReader([]byte("deal_id,")), silent))
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 8)
	if n, err := in.Read(buf); n != 8 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	interrupted := errors.New("interrupted")
	cancel(interrupted)
	if _, err := in.Read(buf); !errors.Is(err, interrupted) {
		t.Errorf("got %v", err)
	}
}

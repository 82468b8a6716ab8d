package pace

import (
	"testing"
	"time"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	at := func(s float64) time.Time { return start().Add(time.Duration(s * float64(time.Second))) }
	var h health
	if !h.away(at(0), at(0)) || h.unanswered(at(0)) != 0 {
		t.Error("before any call")
	}
	h.fail(at(1))
	h.fail(at(2))
	if got := h.unanswered(at(11)); got != 10*time.Second {
		t.Errorf("failing since 1 s: %v", got)
	}
	h.answer(at(12))
	if h.unanswered(at(20)) != 0 || h.away(at(20), at(11)) || !h.away(at(20), at(13)) || h.away(at(12.5), at(12.1)) ||
		!h.away(at(12.6), at(12.1)) {
		t.Error("after an answer at 12 s")
	}
	h.fail(at(3)) // began before the answer
	if got := h.unanswered(at(20)); got != 8*time.Second {
		t.Errorf("failing since the answer: %v", got)
	}
}

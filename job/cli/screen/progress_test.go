package screen

import (
	"testing"
	"time"

	"rolecall/job"
)

// The progress line says how many rows failed.
func TestTheProgressLine(t *testing.T) {
	t.Parallel()
	p := &job.Progress{}
	p.Enter(job.Calling, 1200, 1000)
	p.Finished(true)
	p.Finished(false)
	p.Reject(2)
	if got := (&speedometer{}).read(p, time.Now()).text(); got != "1,002 of 1,200 rows, 3 failed" {
		t.Errorf("got %q", got)
	}
}

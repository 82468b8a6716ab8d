package screen

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"rolecall/job"
	"rolecall/job/report"
)

// How often Show shows progress: barEvery for the bar on a terminal, lineEvery for a line elsewhere, such as in a log.
const (
	barEvery  = 200 * time.Millisecond
	lineEvery = 10 * time.Second
)

// Show shows the progress of a run on w until end is called: a bar on a screen, else a line every ten seconds.
func Show(w io.Writer, progress *job.Progress) (end func()) {
	every, show, clear := lineEvery, func(r reading) { writeReading(w, r) }, func() {}
	if terminal, ok := w.(*screen); ok {
		every, show, clear = barEvery, terminal.showReading, terminal.wipe
	}
	over := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		speed := speedometer{}
		for {
			select {
			case <-over:
				clear()
				return
			case now := <-tick.C:
				show(speed.read(progress, now))
			}
		}
	})
	return func() { close(over); wg.Wait() }
}

// reading is the progress of a run at one moment.
type reading struct {
	stage               job.Stage
	total, done, failed int64
	perSecond           float64
	left                time.Duration // 0: not known
}

// speedometer measures the speed of a stage since the stage began.
type speedometer struct {
	stage job.Stage
	began time.Time
	first int64
}

// read returns the progress at the time now.
func (s *speedometer) read(p *job.Progress, now time.Time) reading {
	r := reading{}
	r.stage, r.total, r.done, r.failed = p.Snapshot()
	if s.began.IsZero() || s.stage != r.stage {
		s.stage, s.began, s.first = r.stage, now, r.done
		return r
	}
	if seconds := now.Sub(s.began).Seconds(); seconds > 0 && r.done > s.first {
		r.perSecond = float64(r.done-s.first) / seconds
		r.left = time.Duration(float64(r.total-r.done) / r.perSecond * float64(time.Second))
	}
	return r
}

// text returns a reading in words.
func (r reading) text() string {
	switch r.stage {
	case job.Surveying:
		return fmt.Sprintf("reading: %s rows", report.Count(r.done))
	case job.Connecting:
		return "connecting"
	case job.Writing:
		return "writing the results"
	case job.Listing:
		if r.total > 0 {
			return fmt.Sprintf("listing: %s of %s records", report.Count(r.done), report.Count(r.total))
		}
		return fmt.Sprintf("listing: %s records", report.Count(r.done))
	case job.Finding:
		return fmt.Sprintf("looking up: %s of %s", report.Count(r.done), report.Count(r.total))
	case job.Calling, job.Reading, job.Looking, job.Asking:
	}
	text, unit := fmt.Sprintf("%s of %s rows, %s failed",
		report.Count(r.done), report.Count(r.total), report.Count(r.failed)), "rows"
	if r.stage == job.Reading || r.stage == job.Looking {
		text, unit = fmt.Sprintf("%s of %s read", report.Count(r.done), report.Count(r.total)), "reads"
	}
	if r.perSecond > 0 {
		text += fmt.Sprintf(", %.1f %s/s, %s left", r.perSecond, unit, report.Duration(max(r.left, 0)))
	}
	return text
}

// writeReading writes a reading as a line. It ignores errors, which must not end a run.
func writeReading(w io.Writer, r reading) {
	if r.stage != job.Asking {
		_ = report.Printf(w, "%s\n", r.text())
	}
}

// showReading shows a reading as a bar. A question stays as it is.
func (s *screen) showReading(r reading) {
	if r.stage != job.Asking {
		s.showBar(r.line)
	}
}

// line returns a reading in at most so many columns: with a bar if there is room, else in fewer words.
func (r reading) line(columns int) string {
	text := r.text()
	forms := []string{text}
	if r.total > 0 && r.stage != job.Surveying && r.stage != job.Writing {
		slow, count := r, report.Count(r.done)+"/"+report.Count(r.total)
		slow.perSecond = 0
		forms = []string{text + r.bar(columns-len(text)), slow.text()}
		if r.stage == job.Calling {
			forms = append(forms, fmt.Sprintf("%s, %s failed", count, report.Count(r.failed)))
		}
		forms = append(forms, count)
	}
	for _, form := range forms {
		if len(form) <= columns {
			return form
		}
	}
	return text[:max(columns, 0)]
}

// Widths of the bar, in columns, without its frame.
const (
	narrowestBar = 8
	widestBar    = 24
)

// bar returns the bar behind a text, in at most so many columns, or "" if they are too few.
func (r reading) bar(columns int) string {
	width := min(columns-len("  [] 100%"), widestBar)
	if width < narrowestBar {
		return ""
	}
	done := min(float64(r.done)/float64(r.total), 1)
	full := int(done * float64(width))
	return fmt.Sprintf("  [%s%s] %3d%%", strings.Repeat("=", full), strings.Repeat(" ", width-full), int(done*100))
}

package api

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"
)

const (
	// leaseFirst and leaseMost: credits that a process takes from the ledger at
	// a time. Each lease that lasts less than leaseLasts doubles the next, so
	// that the disk is asked about once a second, however fast the calls are.
	leaseFirst = 50
	leaseMost  = 1600
	leaseLasts = time.Second
)

// Ledger is what rolecall spent of an org's credits on this machine in the last
// 24 hours: one small file, shared by all processes, to the minute. Credits are
// written down before they are spent, some at a time, so that a process that
// dies is counted too high and never too low. It is safe for use by many
// goroutines.
type Ledger struct {
	file ledgerFile
	now  func() time.Time

	disk sync.Mutex // held while the file is at work; taken before mu

	mu      sync.Mutex
	minutes minutes   // as last read, our leases included
	asOf    int64     // the minute that sum is right for
	sum     int       // of the 24 hours until then
	left    int       // of what is written down, not spent; below zero: spent, not written down
	lease   int       // credits of the last lease
	at      time.Time // of it
	leased  int64     // its minute
	warning error
}

// OpenLedger takes part in the ledger in a file; its folder is made. All
// processes of an org must name the same file. now is the clock: time.Now
// outside tests. The error, if the file cannot be read or made, names it. One
// that makes no sense is no error: it is started afresh, and Warning says so.
func OpenLedger(path string, now func() time.Time) (*Ledger, error) {
	l := newLedger(path, now)
	if err := l.file.makeFolder(); err != nil {
		return nil, err
	}
	if _, err := l.Spent(); err != nil {
		return nil, err
	}
	return l, nil
}

// newLedger makes a ledger without asking the disk; without a path it never
// does, and is this process's own.
func newLedger(path string, now func() time.Time) *Ledger {
	return &Ledger{file: ledgerFile{path: path}, now: now, minutes: minutes{}, asOf: -1}
}

// Spent reads how many credits all processes spent in the last 24 hours. What
// other processes took to spend next is counted.
func (l *Ledger) Spent() (int, error) {
	if err := l.update(func(minutes, int64) (taken int, changed bool) { return 0, false }); err != nil {
		return 0, err
	}
	return l.spent(), nil
}

// Warning tells what was wrong with the file, if it was started afresh or is
// not used any more; nil: nothing.
func (l *Ledger) Warning() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.warning
}

// Close gives back what was taken and not spent. Nothing may be spent after it.
func (l *Ledger) Close() error {
	return l.update(func(m minutes, now int64) (taken int, changed bool) {
		left := l.giveBack(m, now)
		return -left, left != 0
	})
}

// renew takes n credits to spend in this minute, as long as no more than most
// are spent in 24 hours: at least as many as a call costs, or none. Those of an earlier minute that are left
// are given back: they would be spent later than is written down.
func (l *Ledger) renew(most, credits int) (n int, err error) {
	var leased int64
	err = l.update(func(m minutes, now int64) (taken int, changed bool) {
		left := l.giveBack(m, now)
		leased = now
		if n = min(max(l.nextLease(), credits), most-m.sum(now)); n < credits {
			n = 0
		}
		m[now] += n
		return n - left, n > 0 || left != 0
	})
	if err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lease, l.at, l.leased = n, l.now(), leased
	return n, nil
}

// giveBack takes what is left off the minutes.
func (l *Ledger) giveBack(m minutes, now int64) (left int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.left < 0:
		m[now] -= l.left
	case l.left > 0:
		// What was refunded may be of an earlier minute: it stays counted.
		m[l.leased] -= min(l.left, m[l.leased])
	}
	return l.left
}

func (l *Ledger) nextLease() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if took := l.now().Sub(l.at); took >= 0 && took < leaseLasts {
		return min(max(2*l.lease, leaseFirst), leaseMost)
	}
	return leaseFirst
}

// update reads the file, lets change work on what it holds, writes it if that
// changed, and counts what was taken, or given back if below zero.
func (l *Ledger) update(change func(m minutes, now int64) (taken int, changed bool)) error {
	l.disk.Lock()
	defer l.disk.Unlock()
	unlock, err := l.file.lock()
	if err != nil {
		return err
	}
	defer unlock()
	now := minuteOf(l.now())
	m, err := l.read()
	if err != nil {
		return err
	}
	m.tidy(now)
	taken, changed := change(m, now)
	if changed {
		if err := l.file.write(m); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.minutes, l.asOf = m, -1
	l.left += taken
	return nil
}

// read gives what the file holds; where that makes no sense, what this process
// knows of it.
func (l *Ledger) read() (minutes, error) {
	m, err := l.file.read()
	damaged := errors.Is(err, errDamaged)
	if err != nil && !damaged {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if damaged {
		l.warning = fmt.Errorf("%w; credits spent before are not counted", err)
	}
	if damaged || l.file.path == "" {
		m = maps.Clone(l.minutes)
	}
	return m, nil
}

// goOnAlone counts in memory from here on.
func (l *Ledger) goOnAlone(why error) {
	l.disk.Lock()
	defer l.disk.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.file.path = ""
	l.warning = fmt.Errorf("credits are counted for this process alone: %w", why)
}

// spent is what is known without the disk.
func (l *Ledger) spent() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m := minuteOf(l.now()); m != l.asOf {
		l.asOf, l.sum = m, l.minutes.sum(m)
	}
	return l.sum - l.left
}

// take spends n credits; below zero it gives them back.
func (l *Ledger) take(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left -= n
}

// lacks reports that fewer credits than these are left to take in this minute.
func (l *Ledger) lacks(credits int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.left < credits || l.leased != minuteOf(l.now())
}

// returns is when n credits will have come back at the latest; ok is false
// where fewer were spent.
func (l *Ledger) returns(n int) (at time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.minutes.returns(minuteOf(l.now()), n)
}

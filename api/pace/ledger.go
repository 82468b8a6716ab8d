package pace

import (
	"maps"
	"time"
)

// A pacer leases at least leaseFirst and at most leaseMost credits at a time. If a lease lasts less than leaseLasts,
// the next one is twice as large. So the pacer uses the record about once a second, however fast the calls are.
const (
	leaseFirst = 50
	leaseMost  = 1600
	leaseLasts = time.Second
)

// Credits is the record of the credits that an org spent, to the minute. All who call the org share it. A pacer records
// credits before it spends them. So if its process dies, the record is too high for a day, and never too low.
type Credits interface {
	// Lease does what l asks for, as [Day.Lease] does. It returns how many credits are leased, and a copy of the
	// record. A lease that neither gives nor takes only reads.
	Lease(l Lease) (granted int, day Day, err error)
}

// alone is the record of a pacer that counts alone.
type alone struct{ day Day }

// Lease implements Credits.
func (a *alone) Lease(l Lease) (int, Day, error) {
	day := maps.Clone(a.day)
	if day == nil {
		day = Day{}
	}
	granted := day.Lease(l)
	a.day = day
	return granted, day, nil
}

// ledger is what a pacer knows of the record, and what it has leased.
type ledger struct {
	record Credits
	now    func() time.Time

	day   Day       // as last read, our leases included
	asOf  int64     // the minute for which sum is right
	sum   int       // of the 24 hours until then
	left  int       // leased and not spent; below zero: spent and not yet recorded
	lease int       // credits of the last lease
	at    time.Time // its time
	of    int64     // its minute
}

func newLedger(record Credits, now func() time.Time) *ledger {
	return &ledger{record: record, now: now, day: Day{}, asOf: -1}
}

// request returns the next lease for a call of that many credits, so that no more than most are spent in 24 hours. The
// lease gives back what is left of an earlier minute: the record would have a wrong time for it. With credits 0 the
// lease takes nothing.
func (l *ledger) request(credits, most int) Lease {
	next := Lease{Minute: minuteOf(l.now()), Back: l.left, Of: l.of, Least: credits, Most: most}
	if credits == 0 {
		return next
	}
	next.Want = leaseFirst
	if took := l.now().Sub(l.at); took >= 0 && took < leaseLasts {
		next.Want = min(max(2*l.lease, leaseFirst), leaseMost)
	}
	next.Want = max(next.Want, credits)
	return next
}

// accept stores the record's answer to a request.
func (l *ledger) accept(r Lease, granted int, day Day) {
	l.day, l.asOf = day, -1
	l.left += granted - r.Back
	l.lease, l.at, l.of = granted, l.now(), r.Minute
}

// spent returns the credits of the last 24 hours, as far as they are known without asking the record.
func (l *ledger) spent() int {
	if m := minuteOf(l.now()); m != l.asOf {
		l.asOf, l.sum = m, l.day.sum(m)
	}
	return l.sum - l.left
}

// take spends n credits. Below zero it gives them back.
func (l *ledger) take(n int) { l.left -= n }

// lacks reports whether fewer credits than these are leased for this minute. A call that costs nothing lacks none.
func (l *ledger) lacks(credits int) bool {
	return credits > 0 && (l.left < credits || l.of != minuteOf(l.now()))
}

// returns computes when n credits will have come back at the latest. ok is false if fewer were spent.
func (l *ledger) returns(n int) (at time.Time, ok bool) { return l.day.returns(minuteOf(l.now()), n) }

// exchange takes the next lease from the record. It does not hold the lock that calls need.
func (p *Pacer) exchange(l *ledger, credits, most int) (granted int, err error) {
	p.leasing.Lock()
	defer p.leasing.Unlock()
	p.mu.Lock()
	r, record := l.request(credits, most), l.record
	p.mu.Unlock()
	granted, day, err := record.Lease(r)
	if err != nil {
		return 0, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l.accept(r, granted, day)
	return granted, nil
}

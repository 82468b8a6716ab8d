package pace

import (
	"fmt"
	"math"
	"time"
)

const (
	// saidHolds is how long a pacer uses the number of remaining credits that Zoho sent. After that, credits that other
	// programs spent may have come back, and the pacer does not see them.
	saidHolds = time.Hour
	// roundOfCredits is how many credits must come back before calls go on. A hundredth of the budget is enough too.
	roundOfCredits = 100
	// longestLook bounds one wait for credits: timers stand still while a machine sleeps.
	longestLook = time.Minute
	// dryFirst and dryLongest bound the wait when Zoho says that the credits are used up and nothing says when they
	// come back.
	dryFirst   = 5 * time.Minute
	dryLongest = time.Hour
)

// Budget is what a run may spend of its org's credits.
type Budget struct {
	Credits int  // credits of the org in 24 hours; 0: not known
	Reserve int  // credits to leave unspent
	Limited bool // false: the budget only informs
	Wait    bool // without credits, wait until some come back and go on
}

// account holds what a pacer knows of the credits. The pacer's lock guards it.
type account struct {
	ledger  *ledger
	budget  Budget
	said    int       // credits of the org in 24 hours, computed from what Zoho said
	saidAt  time.Time // zero: Zoho said nothing
	blocked time.Time // no call starts until then
	dry     time.Time // the gate is closed until then, because Zoho says that there are no credits
	renews  bool      // a call takes a lease at this moment
	alone   error     // why the pacer uses the shared record no more; nil: it does
}

// Account sets the budget, and the record of credits that the pacer shares with others. With a nil record the pacer
// counts alone. The record also gets the credits that the pacer spent before. If a limited budget does not let a call
// start, the call ends with OutOfCredits, or waits (Budget.Wait). Account returns an error if the record cannot be
// read.
func (p *Pacer) Account(record Credits, b Budget) error {
	var day Day
	if record != nil {
		var err error
		if _, day, err = record.Lease(Lease{Minute: minuteOf(time.Now())}); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	a := &p.account
	if record != nil {
		before := a.ledger.spent()
		a.ledger = newLedger(record, time.Now)
		a.ledger.day = day
		a.ledger.take(before)
		if !a.saidAt.IsZero() {
			a.said += a.ledger.spent() - before
		}
	}
	a.budget, a.blocked = b, time.Time{}
	p.wake()
	return nil
}

// Close gives back the credits that were leased and not spent. No call may start after it. Close returns an error if
// the pacer had to count the credits alone, because the record could not be used.
func (p *Pacer) Close() error {
	p.mu.Lock()
	l := p.account.ledger
	p.mu.Unlock()
	_, _ = p.exchange(l, 0, 0) // credits that cannot be given back are counted too high for a day
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.account.alone
}

// total returns the credits of the org in 24 hours: by what Zoho said lately, else by the budget. ok is false if
// neither is known.
func (a *account) total(now time.Time) (credits int, ok bool) {
	if a.zohoSaid(now) {
		return a.said, true
	}
	return a.budget.Credits, a.budget.Credits > 0
}

// zohoSaid reports whether total is what Zoho said.
func (a *account) zohoSaid(now time.Time) bool {
	return !a.saidAt.IsZero() && now.Sub(a.saidAt) < saidHolds
}

// most returns how many credits may be spent in 24 hours.
func (a *account) most(now time.Time) int {
	total, known := a.total(now)
	if !a.budget.Limited || !known {
		return math.MaxInt
	}
	return total - a.budget.Reserve
}

// remaining returns how many credits the org has left, those in reserve included, or -1 if that is not known.
func (a *account) remaining(now time.Time) int {
	total, known := a.total(now)
	if !known {
		return -1
	}
	return max(0, total-a.ledger.spent())
}

// mayNotSpend returns what keeps a call from spending that many credits now, and after what time to look again. Zero
// means when something changes.
func (p *Pacer) mayNotSpend(now time.Time, credits int) (phase, time.Duration) {
	a := &p.account
	if a.blocked.After(now) {
		return phaseCredits, min(a.blocked.Sub(now), longestLook)
	}
	if a.ledger.lacks(credits) {
		return phaseLease, 0
	}
	if credits == 0 || a.ledger.spent() <= a.most(now)-credits {
		return phaseFree, 0
	}
	p.outOfCredits(now, credits)
	return phaseCredits, min(max(0, a.blocked.Sub(now)), longestLook)
}

// renew takes the next lease for a call of that many credits, if the call waits for nothing else. One call renews for
// all.
func (p *Pacer) renew(credits int) {
	p.mu.Lock()
	a := &p.account
	now := time.Now()
	if a.renews || a.blocked.After(now) || p.stop != nil || !a.ledger.lacks(credits) {
		p.mu.Unlock()
		return
	}
	a.renews = true
	l, most := a.ledger, a.most(now)
	p.mu.Unlock()
	got, err := p.exchange(l, credits, most)
	p.mu.Lock()
	defer p.mu.Unlock()
	a.renews = false
	switch {
	case err != nil && a.budget.Limited:
		p.end(&Stop{Reason: Broken, Message: "not sent", Err: err})
	case err != nil:
		l.record = &alone{day: l.day}
		a.alone = fmt.Errorf("credits are counted for this process alone: %w", err)
	case got == 0 && l == a.ledger:
		p.outOfCredits(time.Now(), credits)
	}
	p.wake()
}

// outOfCredits ends all calls, or makes them wait, because the credits for a call are missing. A call that costs less
// waits too. Otherwise there would never be enough credits for the first one.
func (p *Pacer) outOfCredits(now time.Time, credits int) {
	a := &p.account
	spent, most := a.ledger.spent(), a.most(now)
	total, _ := a.total(now)
	why := fmt.Sprintf("%d credits were spent on this machine in the last 24 hours, of %d with %d in reserve",
		spent, total, a.budget.Reserve)
	if a.zohoSaid(now) {
		why = fmt.Sprintf("Zoho says that %d credits remain, with %d in reserve; "+
			"%d were spent on this machine in the last 24 hours", a.remaining(now), a.budget.Reserve, spent)
	}
	if credits > 1 {
		why += fmt.Sprintf("; this call costs %d", credits)
	}
	if a.budget.Wait && (most >= credits || a.zohoSaid(now)) {
		a.blocked = a.nextRound(now, credits).Round(0) // the wall clock's time: see longestLook
		p.tellWait(a.blocked, why)
		return
	}
	if next, ok := a.ledger.returns(1); ok {
		why += "; the next come back at " + next.UTC().Format(time.RFC3339)
	}
	p.end(&Stop{Reason: OutOfCredits, Message: "not sent: " + why})
}

// nextRound returns when enough credits will have come back for a call of that many.
func (a *account) nextRound(now time.Time, credits int) time.Time {
	total, _ := a.total(now)
	most := a.most(now)
	round := max(credits, min(total/roundOfCredits, roundOfCredits, most))
	until, known := a.ledger.returns(a.ledger.spent() - most + round)
	if !known {
		until = now.Add(dryLongest)
	}
	if a.zohoSaid(now) {
		// Other programs spent credits too. The pacer does not see when those come back.
		until = earliest(until, a.saidAt.Add(saidHolds))
	}
	return until
}

// waitForCredits closes the gate until some credits will have come back, if the run waits for credits. It reports
// whether the run does. asked is the time until which Zoho asks to wait, or zero if Zoho does not say.
func (p *Pacer) waitForCredits(now time.Time, asked time.Time) bool {
	a := &p.account
	if !a.budget.Wait {
		return false
	}
	if a.dry.After(now) {
		return true // this call was sent before the gate closed, so its 429 is not news
	}
	until := asked
	if until.IsZero() {
		until, _ = a.ledger.returns(1)
		until = now.Add(min(max(until.Sub(now), dryFirst), dryLongest))
	}
	a.dry = until.Round(0)
	p.gate.suspend(a.dry)
	p.tellWait(a.dry, "Zoho refuses every call: the credits of the last 24 hours are used up")
	return true
}

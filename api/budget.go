package api

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

const (
	// creditsHeader is sent once half the credits are used (Zoho CRM API v8, API
	// Limits).
	creditsHeader = "X-Api-Credits-Remaining" // #nosec G101 -- of the API's credits; spelt as net/http does
	// saidHolds is how long what Zoho said of the credits is believed. Credits
	// that other programs spent come back unseen.
	saidHolds = time.Hour
	// roundOfCredits is how many must come back before calls go on; a hundredth
	// of the budget is enough too.
	roundOfCredits = 100
	// lookAgain bounds a wait for credits: a machine that was asleep has waited
	// longer than its timers say.
	lookAgain = time.Minute
	// dryFirst and dryLongest bound the wait for credits that Zoho says are used
	// up, where nothing says when they come back.
	dryFirst   = 5 * time.Minute
	dryLongest = time.Hour
)

// Budget is what a run may spend of its org's credits.
type Budget struct {
	Credits int  // that the org has in 24 hours; 0: not known
	Reserve int  // to leave untouched
	Limited bool // false: the budget only informs
	Wait    bool // without credits, wait until some come back, and go on
}

// account is the credits as a pacer sees them; the pacer's lock guards it.
type account struct {
	ledger  *Ledger
	budget  Budget
	said    int       // what the org has in 24 hours, reckoned from what Zoho said
	saidAt  time.Time // zero: it never said
	blocked time.Time // nothing is spent until then
	dry     time.Time // until when the gate is closed for want of credits
	renews  bool      // a call takes a lease at this moment
}

func newAccount() account { return account{ledger: newLedger("", time.Now)} }

// Account makes a ledger that of the pacer's credits, and sets its budget.
// Without a ledger the pacer counts for itself alone. What it spent before is
// written down too. A limited budget that does not let a call start ends it with
// EndCredits, or lets it wait.
func (p *Pacer) Account(l *Ledger, b Budget) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l != nil && l != p.account.ledger {
		before := p.account.ledger.spent()
		l.take(before)
		if !p.account.saidAt.IsZero() {
			p.account.said += l.spent() - before
		}
		p.account.ledger = l
	}
	p.account.budget, p.account.blocked = b, time.Time{}
	p.wake()
}

// total is what the org has in 24 hours: what Zoho said lately, or else the
// budget. ok is false where neither is known.
func (a *account) total(now time.Time) (credits int, ok bool) {
	if a.saysZoho(now) {
		return a.said, true
	}
	return a.budget.Credits, a.budget.Credits > 0
}

// saysZoho reports that total is Zoho's word.
func (a *account) saysZoho(now time.Time) bool {
	return !a.saidAt.IsZero() && now.Sub(a.saidAt) < saidHolds
}

// most is what may be spent in 24 hours.
func (a *account) most(now time.Time) int {
	total, known := a.total(now)
	if !a.budget.Limited || !known {
		return math.MaxInt
	}
	return total - a.budget.Reserve
}

// remaining is what the org has left, the reserve included; -1: not known.
func (a *account) remaining(now time.Time) int {
	total, known := a.total(now)
	if !known {
		return -1
	}
	return max(0, total-a.ledger.spent())
}

// hear takes Zoho's word of what remained after an attempt, which had begun when
// so much was spent.
func (a *account) hear(now time.Time, f *fault, spent int) {
	if f.saysCredits {
		a.said, a.saidAt = f.credits+spent, now
	}
}

// parseCredits reads what Zoho says of the credits; ok is false where it says
// nothing that can be read.
func parseCredits(h http.Header) (credits int, ok bool) {
	text := h.Get(creditsHeader)
	if text == "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return max(0, n), err == nil
}

// mayNotSpend gives what keeps a call from spending so many credits now, and
// after what time to look again, zero standing for: when something changes.
func (p *Pacer) mayNotSpend(now time.Time, credits int) (phase, time.Duration) {
	a := &p.account
	if a.blocked.After(now) {
		return phaseCredits, min(a.blocked.Sub(now), lookAgain)
	}
	if a.ledger.lacks(credits) {
		return phaseLease, 0
	}
	if a.ledger.spent() <= a.most(now)-credits {
		return phaseFree, 0
	}
	p.spentAll(now, credits)
	return phaseCredits, min(max(0, a.blocked.Sub(now)), lookAgain)
}

// renew takes the next lease, if a call waits for nothing else; it costs so many
// credits. The disk is asked outside the lock, by one call for all.
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
	got, err := l.renew(most, credits)
	p.mu.Lock()
	defer p.mu.Unlock()
	a.renews = false
	switch {
	case err != nil && a.budget.Limited:
		p.endLocked(&Error{Ends: EndRefused, Message: "not sent", Err: err})
	case err != nil:
		l.goOnAlone(err)
	case got == 0 && l == a.ledger:
		p.spentAll(time.Now(), credits)
	}
	p.wake()
}

// spentAll ends everything for want of the credits that a call costs, or makes
// it wait. A call that costs less is not let past: it would keep them from ever
// being enough.
func (p *Pacer) spentAll(now time.Time, credits int) {
	a := &p.account
	spent, most := a.ledger.spent(), a.most(now)
	total, _ := a.total(now)
	why := fmt.Sprintf("%d credits were spent on this machine in the last 24 hours, of %d with %d in reserve", spent, total, a.budget.Reserve)
	if a.saysZoho(now) {
		why = fmt.Sprintf("Zoho says that %d credits remain, with %d in reserve; %d were spent on this machine in the last 24 hours",
			a.remaining(now), a.budget.Reserve, spent)
	}
	if credits > 1 {
		why += fmt.Sprintf("; this call costs %d", credits)
	}
	if a.budget.Wait && (most >= credits || a.saysZoho(now)) {
		a.blocked = a.nextRound(now, credits).Round(0) // the wall's time: see lookAgain
		p.tellWait(a.blocked, why)
		return
	}
	if next, ok := a.ledger.returns(1); ok {
		why += "; the next come back at " + next.UTC().Format(time.RFC3339)
	}
	p.endLocked(&Error{Ends: EndCredits, Message: "not sent: " + why})
}

// nextRound is when enough credits will have come back to go on with a call of
// so many.
func (a *account) nextRound(now time.Time, credits int) time.Time {
	total, _ := a.total(now)
	most := a.most(now)
	round := max(credits, min(total/roundOfCredits, roundOfCredits, most))
	until, known := a.ledger.returns(a.ledger.spent() - most + round)
	if !known {
		until = now.Add(dryLongest)
	}
	if a.saysZoho(now) {
		// Others spent too: their credits come back unseen.
		until = earliest(until, a.saidAt.Add(saidHolds))
	}
	return until
}

// waitForCredits closes the gate, if the run is to wait, until some credits will
// have come back. asked is when Zoho asks to come back, zero if it does not say.
func (p *Pacer) waitForCredits(now time.Time, asked time.Time) bool {
	a := &p.account
	if !a.budget.Wait {
		return false
	}
	if a.dry.After(now) {
		return true // sent before the gate closed: the same news
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

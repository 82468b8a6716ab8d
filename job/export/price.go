package export

import (
	"time"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/deals"
	"rolecall/job/report"
)

// price reckons what the reads will take, and chooses how deals are read.
func (r *run) price(org *job.Org) (report.ExportPlan, error) {
	p := report.ExportPlan{InFlight: int64(org.InFlight), CreditsLeft: org.Left(r.set.Pace), Before: int64(org.Pacer.Stats().Credits)}
	var err error
	if p.Deals, err = r.s.listed(modDeals); err != nil {
		return p, err
	}
	if r.set.ViaContacts {
		if p.Contacts, err = r.s.listed(modContacts); err != nil {
			return p, err
		}
		p.Looks = (p.Deals + int64(org.Version.MostInQuery()) - 1) / int64(org.Version.MostInQuery())
	}
	if p.Left, err = r.s.unread(r.set.module()); err != nil {
		return p, err
	}
	p.Reads, p.CompositeReads = p.Left, deals.CompositeReads(p.Left)
	p.Composite = r.composite(org, p.Reads, p.CreditsLeft)
	p.CallMilliseconds = float64(org.Pacer.CallStats().P50) / float64(time.Millisecond)
	p.Reckon(r.set.Pace.Rate, api.CompositePlaces)
	return p, nil
}

// composite says whether deals are read five to a call. Such a call counts for five calls in flight: it gains nothing but credits.
func (r *run) composite(org *job.Org, reads, left int64) bool {
	switch {
	case r.set.ViaContacts, !org.Composes, org.InFlight < api.CompositePlaces, r.set.Pace.Composite == job.Off, org.Known(deals.Finding) == deals.Refused:
		return false
	case r.set.Pace.Composite == job.On:
		return true
	}
	return left >= 0 && reads > left
}

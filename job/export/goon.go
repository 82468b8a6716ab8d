package export

import (
	"fmt"
	"reflect"
	"time"

	"rolecall/job"
)

// goOnWithin is for how long an export that stopped is gone on with by the next one of the same: a nightly one is to begin anew each night.
const goOnWithin = 12 * time.Hour

// goOn goes on with an export of the same deals and fields to the same file that stopped a short while ago, so that nothing of it is paid for twice. How the file is written is as it is asked for now.
func (r *run) goOn(org *job.Org, n *named) bool {
	if !Is(r.dir) {
		return false
	}
	asked := r.set
	goes := r.open() == nil && r.isSame(org, n, asked)
	r.set, r.told = asked, newTold(asked.Fields)
	if goes {
		r.facts.Settings = asked
		goes = r.s.Put("facts", r.facts) == nil
	}
	if !goes {
		_ = r.close() // it is given up
		r.before = spending{}
		return false
	}
	r.note(fmt.Sprintf("this goes on with an export of the same that stopped; it began at %s (--afresh begins anew)", r.facts.Started.Local().Format(time.DateTime)))
	return true
}

// isSame says whether the export that is open is the one that is asked for, and young enough.
func (r *run) isSame(org *job.Org, n *named, asked Settings) bool {
	var then job.Identity
	err := r.s.Get("org", &then)
	age := r.Now().Sub(r.facts.Started)
	return err == nil && then.Same(org.Identity) && age >= 0 && age <= goOnWithin && r.facts.Named == n.sum() && sameReading(r.set, asked)
}

// sameReading says whether two exports read the same.
func sameReading(a, b Settings) bool {
	reads := func(s Settings) Settings {
		return Settings{Where: s.Where, Since: s.Since.UTC(), Named: s.Named, Fields: append([]string{}, s.Fields...), ViaContacts: s.ViaContacts}
	}
	return reflect.DeepEqual(reads(a), reads(b))
}

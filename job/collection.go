package job

import (
	"fmt"
	"sync"

	"rolecall/job/deals"
)

// What is known of an org's collection PUT, by which several contacts of a deal are assigned in one call. Only Zoho's newest OpenAPI file for v8.0 has it (upsertContactRoleRelations), and whether
// it leaves the other contacts of the deal alone is nowhere said: it is proven on one deal before it is used.
const (
	CollectionMerges   = "merges"   // proven: contacts that are not in the call stay
	CollectionReplaces = "replaces" // contacts that were not in the call vanished, and were put back
	CollectionRefused  = "refused"  // Zoho does not take the call
)

// collection is what a run knows of it. It is for use by many goroutines.
type collection struct {
	remember func(finding string)
	say      func(text string)

	mu      sync.Mutex
	finding string // "": not known yet
	proving bool   // one worker is at it; the others go one by one meanwhile
	tried   int    // proofs that proved nothing
	never   bool   // the user does not want it, the API version has no such call, or no deal proves anything
}

// maxProofs is on how many deals a proof may prove nothing before the run goes one by one for good: each costs up to three calls.
const maxProofs = 5

// works says whether it may be used.
func (c *collection) works() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.never && c.finding == CollectionMerges
}

// begin says whether the caller is to prove it. It must then end with settle or leaveOpen.
func (c *collection) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.never || c.finding != "" || c.proving {
		return false
	}
	c.proving = true
	return true
}

// leaveOpen takes back begin: nothing was tried.
func (c *collection) leaveOpen() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.proving = false
}

// giveUp ends a proof that proved nothing. Another deal may serve, but not for ever.
func (c *collection) giveUp() {
	c.mu.Lock()
	c.proving = false
	c.tried++
	last := c.tried == maxProofs
	c.never = c.never || last
	c.mu.Unlock()
	if last {
		c.say(fmt.Sprintf("on %d deals nothing told whether Zoho takes several contacts of a deal in one call: from here on each row is a call of its own", maxProofs))
	}
}

// settle ends a proof. What was found is kept for later runs.
func (c *collection) settle(finding string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.proving = false
	if c.finding != finding {
		c.finding = finding
		c.remember(finding)
	}
}

// refused takes note that Zoho does not take the call, and says so once.
func (c *collection) refused(why error) {
	if c.isRefused() {
		return
	}
	c.settle(CollectionRefused)
	c.say(fmt.Sprintf("Zoho does not take several contacts of a deal in one call here (%s): from here on each row is a call of its own", deals.RefusalText(why)))
}

func (c *collection) isRefused() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.finding == CollectionRefused
}

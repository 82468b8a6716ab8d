package stakeholder

import (
	"fmt"
	"sync"

	"rolecall/job/deals"
)

// findingCollection is the name under which it is remembered what an org's collection PUT does.
const findingCollection = "collection PUT /Deals/{id}/Contact_Roles"

// What is known of an org's collection PUT, by which several contacts of a deal are assigned in one call. Only Zoho's
// newest OpenAPI file for v8.0 has it (upsertContactRoleRelations), and no document says whether it leaves the other
// contacts of the deal alone: it is proven on one deal before it is used.
const (
	CollectionMerges   = "merges"   // proven: contacts that are not in the call stay
	CollectionReplaces = "replaces" // contacts that were not in the call vanished, and were put back
	CollectionRefused  = "refused"  // Zoho does not take the call
)

// collection is what a run knows of the collection PUT. Many goroutines use it.
type collection struct {
	remember func(finding string)
	say      func(text string)

	mu      sync.Mutex
	finding string // "": not known yet
	proving bool   // one worker proves it; the others send rows one by one meanwhile
	tried   int    // proofs that proved nothing
	never   bool   // the user does not want it, the API version has no such call, or no deal proves anything
}

// maxProofs is on how many deals a proof may prove nothing before the run sends each row alone: a proof costs up to
// three calls.
const maxProofs = 5

// works reports whether the call may be used.
func (c *collection) works() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.never && c.finding == CollectionMerges
}

// begin reports whether the caller is to prove the call. The caller must then end with settle, giveUp or leaveOpen.
func (c *collection) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.never || c.finding != "" || c.proving {
		return false
	}
	c.proving = true
	return true
}

// leaveOpen takes begin back: nothing was tried.
func (c *collection) leaveOpen() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.proving = false
}

// giveUp ends a proof that proved nothing. Another deal may serve, but only a few are tried.
func (c *collection) giveUp() {
	c.mu.Lock()
	c.proving = false
	c.tried++
	last := c.tried == maxProofs
	c.never = c.never || last
	c.mu.Unlock()
	if last {
		c.say(fmt.Sprintf("could not find out after %d deals whether Zoho accepts several contacts in one call; "+
			"sending each row alone", maxProofs))
	}
}

// settle ends a proof. The finding is remembered for later runs.
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
	c.say(fmt.Sprintf("Zoho does not take several contacts of a deal in one call here (%s): sending each row alone",
		deals.RefusalText(why)))
}

func (c *collection) isRefused() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.finding == CollectionRefused
}

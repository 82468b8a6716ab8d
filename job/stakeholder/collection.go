package stakeholder

import (
	"fmt"
	"sync"

	"rolecall/job/deals"
)

// findingCollection is the name of the stored finding about an org's collection PUT.
const findingCollection = "collection PUT /Deals/{id}/Contact_Roles"

// Findings about an org's collection PUT, which assigns several contacts of a deal in one call. Only Zoho's newest
// OpenAPI file for v8.0 has this call (upsertContactRoleRelations). No document says whether it leaves the other
// contacts of the deal alone, so a run proves that on one deal before it uses the call.
const (
	CollectionMerges   = "merges"   // proven: contacts that are not in the call stay
	CollectionReplaces = "replaces" // contacts that were not in the call vanished, and were put back
	CollectionRefused  = "refused"  // Zoho does not take the call, or does not do what its answer says
)

// collection is what a run knows of the collection PUT. Many goroutines use it.
type collection struct {
	remember func(finding string)
	say      func(text string)

	mu      sync.Mutex
	finding string // "": not known yet
	proving bool   // one worker proves the call; the others send rows one by one meanwhile
	tried   int    // number of proofs that proved nothing
	never   bool   // the user forbids the call, the API version lacks it, or too many proofs proved nothing
}

// maxProofs is the number of proofs without a result after which the run sends each row alone. A proof costs up to
// three calls.
const maxProofs = 5

// works reports whether the collection PUT may be used.
func (c *collection) works() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.never && c.finding == CollectionMerges
}

// begin reports whether the caller must prove the call. If so, the caller ends the proof with settle, giveUp or
// leaveOpen.
func (c *collection) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.never || c.finding != "" || c.proving {
		return false
	}
	c.proving = true
	return true
}

// leaveOpen ends a proof that tried nothing.
func (c *collection) leaveOpen() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.proving = false
}

// giveUp ends a proof that proved nothing. Other deals may prove something, but only maxProofs are tried.
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

// settle ends a proof, and remembers its finding for later runs.
func (c *collection) settle(finding string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.proving = false
	if c.finding != finding {
		c.finding = finding
		c.remember(finding)
	}
}

// refused records that Zoho refuses the call, and tells the user once.
func (c *collection) refused(why error) {
	if c.isRefused() {
		return
	}
	c.settle(CollectionRefused)
	c.say(fmt.Sprintf("Zoho does not take several contacts of a deal in one call here (%s): sending each row alone",
		deals.RefusalText(why)))
}

// failed records that Zoho answered the call with successes that the deal does not show, and tells the user once.
func (c *collection) failed(deal string, missing, claimed int) {
	c.settle(CollectionRefused)
	c.say(fmt.Sprintf("Zoho said that one call put %d contacts on deal %s, but the deal, read afterwards, does not show "+
		"%d of them with their roles; sending each row alone", claimed, deal, missing))
}

// isRefused reports whether Zoho refuses the call.
func (c *collection) isRefused() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.finding == CollectionRefused
}

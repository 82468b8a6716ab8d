package pace

// Reason is why a call does not start.
type Reason int

// The reasons.
const (
	Drained      Reason = iota + 1 // the run stops, or the context of the call ended
	Outage                         // the service answered no call for too long
	OutOfCredits                   // the budget of the run or of the org is used up
	Throttled                      // Zoho answers 429 although one call alone is in flight
	Broken                         // the places or the record of the credits cannot be used
)

// Stop explains why a call does not start. After a pacer stopped, all its calls get the same Stop.
type Stop struct {
	Reason  Reason
	Message string
	Err     error // the cause, if there is one
}

// Stopped returns a channel that is closed when no call may start any more.
func (p *Pacer) Stopped() <-chan struct{} { return p.stopped }

// Drain stops the pacer: calls that wait, and calls that come later, end with Drained. Those in flight go on.
func (p *Pacer) Drain() { p.End(Drained, "not sent: the run is stopping") }

// End stops the pacer for good. If the pacer has stopped already, the first reason stays.
func (p *Pacer) End(why Reason, message string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end(&Stop{Reason: why, Message: message})
}

func (p *Pacer) end(s *Stop) {
	if p.stop != nil {
		return
	}
	p.stop = s
	close(p.stopped)
	p.wake()
}

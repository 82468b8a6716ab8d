package job

import "context"

// read returns who is on each deal of a group: nil for a deal that is not read, and for one that Zoho does not let read, whose writes tell why. An error ends the run.
func (c *caller) read(ctx context.Context, group []dealRows) ([]dealRoles, error) {
	on := make([]dealRoles, len(group))
	if c.reader == nil {
		return on, nil
	}
	var wanted []int
	var ids []string
	for i, d := range group {
		if c.pending(d) {
			wanted = append(wanted, i)
			ids = append(ids, d.deal.String())
		}
	}
	read, err := c.reader.Read(ctx, ids)
	if err != nil {
		return nil, err
	}
	for k, i := range wanted {
		if read[k].Read {
			on[i] = newDealRoles(read[k].Contacts)
		}
	}
	return on, nil
}

// together is how many deals are read in one call.
func (c *caller) together() int {
	if c.reader == nil {
		return 1
	}
	return c.reader.Together()
}

// pending says whether any row of a deal is to be sent.
func (c *caller) pending(d dealRows) bool {
	for _, r := range c.plan(d) {
		if r.sendable(c.done.has) {
			return true
		}
	}
	return false
}

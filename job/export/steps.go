package export

import (
	"context"
	"sync"

	"rolecall/job"
)

// reading reads some deals or contacts, and returns the outcomes of each.
type reading func(ctx context.Context, groups []job.Group) ([][]job.Outcome, error)

// batch is a group of deals or contacts that are read together. The first of their Steps that is sent reads all of
// them.
type batch struct {
	groups []job.Group
	read   reading

	once     sync.Once
	outcomes [][]job.Outcome // by group; none for a group that was not read because the run is over
	err      error
}

// send returns the outcomes of one group. The first send reads all groups.
func (b *batch) send(ctx context.Context, group int) ([]job.Outcome, error) {
	b.once.Do(func() { b.outcomes, b.err = b.read(ctx, b.groups) })
	if b.err != nil {
		return nil, b.err
	}
	return b.outcomes[group], nil
}

// steps is the Steps of one deal or contact.
type steps struct {
	call *job.Call // the read; nil after Next returned it
}

// newSteps returns the Steps of groups that are read together.
func newSteps(groups []job.Group, read reading) []job.Steps {
	b := &batch{groups: groups, read: read}
	all := make([]job.Steps, len(groups))
	for i := range groups {
		all[i] = &steps{&job.Call{Send: func(ctx context.Context) ([]job.Outcome, error) { return b.send(ctx, i) }}}
	}
	return all
}

// Next implements job.Steps.
func (s *steps) Next() ([]job.Outcome, *job.Call) {
	call := s.call
	s.call = nil
	return nil, call
}

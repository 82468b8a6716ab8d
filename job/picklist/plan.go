package picklist

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/report"
)

// reads is the number of calls before the plan: one for the org, and one for its list.
const reads = 2

// planner makes the plan of a run. It does the open rows on a copy of the list.
type planner struct {
	*report.Roles

	work *work // on a copy of the list
}

// plan returns what the open rows will do.
func (w *work) plan() (*report.Roles, error) {
	org, copied := &copiedOrg{list: slices.Clone(w.list)}, *w
	p := planner{&report.Roles{Steps: []report.RoleStep{}, Prune: w.Prune, Reads: reads, Unchanged: w.unsent}, &copied}
	copied.zoho, copied.hear, copied.rows = org, p.hear, make([]*row, len(w.rows))
	copied.desk = job.Desk{Notebook: noNotebook{}, Say: func(string) {}, Over: func() bool { return false }}
	copied.passing, copied.freed, copied.pruned = maps.Clone(w.passing), map[string]bool{}, maps.Clone(w.pruned)
	for i, r := range w.rows {
		same := *r
		copied.rows[i] = &same
	}
	err := p.do(context.Background(), org)
	p.Calls = org.calls + p.Calls
	for i, r := range w.rows {
		p.row(r, copied.rows[i])
	}
	if !w.syncs() {
		return p.Roles, err
	}
	for _, role := range w.beyond() {
		if _, gone := copied.pruned[role.ID]; gone {
			p.Steps = append(p.Steps, report.RoleStep{Do: report.DeleteRole, ID: role.ID, Name: role.Name})
		} else {
			p.Beyond = append(p.Beyond, role.Name)
		}
	}
	for _, r := range w.before {
		if name := copied.passing[r.ID].While; name != "" {
			p.Passing = append(p.Passing, report.RoleStep{Do: report.RenameRole, ID: r.ID, Name: r.Name, NewName: name})
		}
	}
	return p.Roles, err
}

// do does the rows. It adds one update of the order to the price, because Zoho does not document how it moves the other
// roles.
func (p *planner) do(ctx context.Context, org *copiedOrg) error {
	for {
		_, call := p.work.Next()
		if call == nil {
			break
		}
		if _, err := call.Send(ctx); err != nil {
			return err
		}
	}
	if p.work.job == Delete {
		return nil
	}
	calls := org.calls
	if _, err := p.work.settleOrder(ctx); err != nil {
		return err
	}
	if calls > 0 && calls == org.calls && len(p.work.wishes()) > 0 {
		p.Calls = 2 // an update, and the list read again
	}
	if p.work.Prune {
		return p.work.prune(ctx, len(org.list))
	}
	return nil
}

// hear adds an op to the plan. refusal is the answer of the copied org, or nil.
func (p *planner) hear(o *op, refusal *api.Error) {
	step := report.RoleStep{Row: o.row.N, ID: o.Write.ID, Name: p.work.nameBefore(o.Write.ID, o.Was)}
	switch {
	case refusal != nil:
		p.Refusals = append(p.Refusals, fmt.Sprintf("line %d: %s", o.row.Line, refusal.Message))
		p.Foreign = p.Foreign || o.Kind == opUpdate && p.work.list.At(o.Write.ID) == 0
		return
	case o.Kind == opCreate:
		step.Do, step.Name, step.To = report.CreateRole, o.Write.Name, o.Write.Sequence
		p.Steps = append(p.Steps, step)
	case o.Kind == opDelete:
		step.Do = report.DeleteRole
		p.Steps = append(p.Steps, step)
	case o.Kind == opUpdate && o.Write.Name != "" && o.Write.Name != o.Was:
		step.Do, step.NewName = report.RenameRole, o.Write.Name
		p.Steps = append(p.Steps, step)
	}
	if o.Kind == opUpdate && o.Write.Sequence != 0 && o.Write.Sequence != o.from {
		p.Steps = append(p.Steps, report.RoleStep{
			Do: report.MoveRole, Row: o.row.N, ID: o.Write.ID, Name: o.Write.Name, From: o.from, To: o.Write.Sequence,
		})
	}
}

// row adds to the plan what hear does not see: rows that need no call, and rows of a sync that only move their roles.
// after is the row after the planned run.
func (p *planner) row(r, after *row) {
	role, matched := p.work.matched[r.N]
	switch {
	case r.Unsendable && !r.Done.OK():
		p.Unusable++
	case !job.IsOpen(&r.Row) || after.Done == nil:
	case !after.Done.OK() && after.sent == nil:
		p.Unusable++
	case !after.Done.OK():
	case after.Done.Action == job.ActionUnchanged:
		p.Unchanged++
	case matched && !p.work.stay[role.ID]:
		p.Steps = append(p.Steps, report.RoleStep{
			Do: report.MoveRole, Row: r.N, ID: role.ID, Name: role.Name,
			From: p.work.before.At(role.ID), To: p.work.rank[r.N],
		})
	}
}

// noNotebook is a job.Notebook that stores nothing.
type noNotebook struct{}

func (noNotebook) Put(string, any) error { return nil }
func (noNotebook) Get(string, any) error { return nil }
func (noNotebook) Forget(string) error   { return nil }

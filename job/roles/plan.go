package roles

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/picklist"
	"rolecall/job/report"
)

// plan is what the rows that are left will do, found out by doing them to a copy of the list. Of Zoho's refusals those are foreseen that its documents tell.
func (s *state) plan() *report.Roles {
	p := planner{state: *s, plan: &report.Roles{Steps: []report.RoleStep{}}}
	p.done, p.plan.Prune, p.plan.Reads = maps.Clone(s.done), s.set.Prune, reads
	p.see(slices.Clone(s.list))
	if s.set.Prune && p.noneFailed() {
		p.extra = len(s.beyond())
	}
	p.rounds()
	if s.command == Delete {
		return p.plan
	}
	if s.syncs() {
		p.moves()
	}
	p.order()
	for _, role := range p.beyond() {
		if s.set.Prune && p.noneFailed() {
			p.plan.Steps = append(p.plan.Steps, report.RoleStep{Do: report.DeleteRole, ID: role.ID, Name: role.Name})
		} else if s.syncs() {
			p.plan.Beyond = append(p.plan.Beyond, role.Name)
		}
	}
	if n := p.plan.Count(report.DeleteRole); n > 0 {
		p.plan.Calls += 2
	}
	return p.plan
}

// reads is how many calls come before the plan: the org, and its list.
const reads = 2

// planner does rows to a list that nobody has.
type planner struct {
	state

	plan  *report.Roles
	extra int // roles that are to be deleted
}

// rounds does the rounds.
func (p *planner) rounds() {
	for {
		rd := p.next()
		for _, o := range rd.local {
			p.done[o.row] = o
			switch {
			case !o.ok():
				p.plan.Unusable++
			case o.action == job.ActionUnchanged:
				p.plan.Unchanged++
			}
		}
		switch {
		case len(rd.ops) > 0:
			p.apply(rd.ops)
		case len(rd.local) > 0:
		default:
			role, found := p.circle()
			if !found {
				return
			}
			passing := p.passing(role.Name)
			p.plan.Passing = append(p.plan.Passing, report.RoleStep{Do: report.RenameRole, ID: role.ID, Name: p.nameBefore(role.ID, role.Name), NewName: passing})
			p.rename(role.ID, passing)
			p.plan.Calls += 2
		}
	}
}

// apply does a round.
func (p *planner) apply(ops []op) {
	for _, kind := range []opKind{opCreate, opUpdate, opDelete} {
		of := ofKind(ops, kind)
		if len(of) > 0 {
			p.plan.Calls++
		}
		for i := range of {
			p.do(&of[i])
		}
	}
	p.plan.Calls++ // the list is read again
}

// do does one row, or foresees that Zoho will refuse it.
func (p *planner) do(o *op) {
	if why := p.refusal(o); why != "" {
		p.plan.Refusals = append(p.plan.Refusals, fmt.Sprintf("line %d: %s", o.row.line, why))
		p.done[o.row.number] = rejected(o.row, reject{message: why})
		return
	}
	step := report.RoleStep{Row: o.row.number, ID: o.write.ID, Name: p.nameBefore(o.write.ID, o.prior)}
	switch o.kind {
	case opCreate:
		step.Do, step.Name, step.To = report.CreateRole, o.write.Name, o.write.Sequence
		o.write.ID = "row " + strconv.FormatInt(o.row.number, 10)
		p.insert(api.Role{ID: o.write.ID, Name: o.write.Name}, o.write.Sequence)
		p.plan.Steps = append(p.plan.Steps, step)
	case opDelete:
		step.Do = report.DeleteRole
		p.see(slices.DeleteFunc(slices.Clone(p.list), func(r api.Role) bool { return r.ID == o.write.ID }))
		p.plan.Steps = append(p.plan.Steps, step)
	case opUpdate:
		if o.write.Name != "" && o.write.Name != o.prior {
			step.Do, step.NewName = report.RenameRole, o.write.Name
			p.plan.Steps = append(p.plan.Steps, step)
			p.rename(o.write.ID, o.write.Name)
		}
		if at := p.list.At(o.write.ID); at > 0 && o.write.Sequence != 0 && o.write.Sequence != o.from {
			role := p.list[at-1]
			p.plan.Steps = append(p.plan.Steps, report.RoleStep{Do: report.MoveRole, Row: o.row.number, ID: role.ID, Name: role.Name, From: o.from, To: o.write.Sequence})
			p.see(slices.Delete(slices.Clone(p.list), at-1, at))
			p.insert(role, o.write.Sequence)
		}
	}
	done := settled(o.row, o.kind.action(), "", 0)
	done.role, done.position = o.write.ID, p.wish(o.row)
	p.done[o.row.number] = done
}

// moves are the rows whose role gets another place among the others; most of them ask for nothing else.
func (p *planner) moves() {
	for i := range p.rows {
		r := &p.rows[i]
		role, matched := p.matched[r.number]
		if o, done := p.done[r.number]; !matched || r.bad != nil || p.stay[role.ID] || done && !o.ok() {
			continue
		}
		p.plan.Steps = append(p.plan.Steps, report.RoleStep{Do: report.MoveRole, Row: r.number, ID: role.ID, Name: role.Name, From: p.before.At(role.ID), To: p.rank[r.number]})
	}
}

// order reckons what it takes to put the list in order. The first try is known; how Zoho moves the others is not, so that one more may be needed.
func (p *planner) order() {
	const call = 2 // an update, and the list read again
	inOrder := p.list.SameOrder(p.list.Arrange(p.wishes())) || p.inOrderWhenPruned()
	if p.syncs() && !inOrder {
		p.plan.Calls += call
	}
	if p.plan.Calls > 0 && len(p.wishes()) > 0 || !inOrder {
		p.plan.Calls += call
	}
}

// refusal says why Zoho will refuse a row, as far as its documents tell (Zoho CRM API v8, Insert, Update and Delete Contact Roles; Zoho's OpenAPI files for v8.0, contact roles); "" is nothing known.
func (p *planner) refusal(o *op) string {
	holder, held := p.holder(o)
	switch {
	case o.kind != opCreate && p.list.At(o.write.ID) == 0:
		p.plan.Foreign = p.plan.Foreign || o.kind == opUpdate
		return "the org has no role with the id " + o.write.ID
	case o.kind == opDelete && len(p.list) == 1:
		return "an org keeps its last role"
	case o.kind == opDelete:
		return ""
	case o.kind == opCreate && o.write.Name == "":
		return "a new role needs a name"
	case utf8.RuneCountInString(o.write.Name) > picklist.LongestName:
		return fmt.Sprintf("the name has %d characters, and Zoho takes %d", utf8.RuneCountInString(o.write.Name), picklist.LongestName)
	case held && holder.Name == o.write.Name:
		return fmt.Sprintf("the org has another role %q", holder.Name)
	case o.kind == opCreate && len(p.list)-p.room() >= picklist.MostRoles:
		return fmt.Sprintf("the org has %d roles then, and Zoho takes %d", len(p.list), picklist.MostRoles)
	}
	return ""
}

// room is how many roles can be deleted for others: none once a row is to fail.
func (p *planner) room() int {
	if len(p.plan.Refusals) > 0 {
		return 0
	}
	return p.extra
}

// insert puts a role at a position; 0, and any beyond the end, is the end.
func (p *planner) insert(r api.Role, position int) {
	at := len(p.list)
	if position > 0 {
		at = min(position-1, at)
	}
	p.see(numbered(slices.Insert(slices.Clone(p.list), at, r)))
}

// rename gives a role another name.
func (p *planner) rename(id, name string) {
	l := slices.Clone(p.list)
	if at := l.At(id); at > 0 {
		l[at-1].Name = name
	}
	p.see(l)
}

// numbered gives the roles of a list their positions.
func numbered(l picklist.List) picklist.List {
	for i := range l {
		l[i].Sequence = i + 1
	}
	return l
}

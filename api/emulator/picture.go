package emulator

import (
	"iter"
	"maps"
	"slices"
)

// A picture is who plays which role, at one moment.
type picture struct {
	picklist  picklist
	base      *base
	relations map[id][]relation
	deals     idView
}

func (s *store) picture() *picture {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return &picture{
		picklist: s.picklist, base: s.base, relations: maps.Clone(s.relations),
		deals: idView{space: &s.base.ids[moduleDeals], gone: s.deleted},
	}
}

// all gives deals in order, with their relations: those with roles, and with
// lost also the generated ones that would be made up some and have none.
func (p *picture) all(lost bool) iter.Seq2[id, []relation] {
	said := slices.Sorted(maps.Keys(p.relations))
	return func(yield func(id, []relation) bool) {
		next := 0
		upTo := func(last id) bool {
			for ; next < len(said) && said[next] <= last; next++ {
				list := p.relations[said[next]]
				if (len(list) > 0 || lost) && !yield(said[next], list) {
					return false
				}
			}
			return true
		}
		count := p.base.generated.Deals
		if p.base.generated.RolesPerDeal == 0 {
			count = 0
		}
		for i := range count {
			deal := firstDeal + 1 + id(i) //nolint:gosec // not negative
			if !upTo(deal) {
				return
			}
			if _, is := p.relations[deal]; is || !p.deals.has(deal) {
				continue
			}
			if list := p.base.madeUpRelations(deal); len(list) > 0 && !yield(deal, list) {
				return
			}
		}
		upTo(^id(0))
	}
}

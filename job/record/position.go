package record

import (
	"context"
	"maps"
	"slices"

	"rolecall/api"
	"rolecall/job"
)

// knowByPosition pairs results that name no record with rows by their position: the errors of v2 have no path
// (zoho-api-records.md section 7). Zoho's documents say that results keep the order of the records. knowByPosition
// proves this by a read: each record that the answer names must have the values of the row at its position. If one has
// not, these results stay unknown.
func (b *batch) knowByPosition(ctx context.Context, rows []*row, answers []api.Outcome) error {
	names := map[string]bool{modifiedTime: true}
	var ids []string
	unknown := false
	for i := range answers {
		a := &answers[i]
		if a.Known || a.Answer.Code == "" {
			if !a.Known {
				return nil // the answer has no result at this position
			}
			continue
		}
		unknown = true
		if a.ID != "" {
			ids = append(ids, a.ID)
			for name := range rows[i].write {
				names[name] = true
			}
		}
	}
	if !unknown || len(ids) == 0 {
		return nil
	}
	found, err := b.byID(ctx, ids, slices.Sorted(maps.Keys(names)))
	if err != nil {
		_, err = job.OwnError(err)
		return err
	}
	for i := range answers {
		if a := &answers[i]; !a.Known && a.ID != "" {
			now, there := found[a.ID]
			if !there || len(b.differing(rows[i].write, now)) > 0 {
				return nil
			}
		}
	}
	for i := range answers {
		a := &answers[i]
		if a.Known {
			continue
		}
		a.Known, a.Err = true, nil
		if a.ID == "" {
			a.Err = &api.Error{
				HTTP: a.Answer.HTTP, Code: a.Answer.Code, Message: a.Answer.Message, Details: a.Answer.Details,
				Attempts: a.Answer.Attempts,
			}
		}
	}
	return nil
}

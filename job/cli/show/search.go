package show

import (
	"context"
	"fmt"
	"slices"

	"rolecall/api"
	"rolecall/job/schema"
)

// Found is the result of a search. New versions only add fields.
type Found struct {
	Records

	More    bool `json:"more"`     // there are more records than Zoho's search returns
	LeftOut int  `json:"left_out"` // records that Zoho returned although they do not match
}

// Search searches a module, for one credit per 200 records. Zoho's search is loose, so Search leaves out the records
// that certainly do not match. The errors are those of package api.
func (m Module) Search(ctx context.Context, z recordZoho, s schema.Search, chosen []api.Field) (Found, error) {
	found := Found{Records: m.newRecords(chosen)}
	q := s.Query()
	q.PerPage = api.MostPerPage
	if names := apiNames(chosen); found.named {
		for _, name := range s.Needs(m.Fields) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if len(names) <= mostFields {
			q.Fields = names
		}
	}
	var progress api.Progress
	for q.Page = 1; ; q.Page++ {
		page, err := z.Search(ctx, m.Name, q)
		if err != nil {
			return found, err
		}
		for _, r := range page.Records {
			switch {
			case !progress.New(r.ID): // the list shifted between two pages
			case s.Excludes(m.Fields, r.Fields):
				found.LeftOut++
			default:
				found.add(r)
			}
		}
		found.More = page.More
		if !page.More || q.Page*api.MostPerPage >= api.MostFound {
			return found, nil
		}
		if err := progress.End(page.More, ""); err != nil {
			return found, fmt.Errorf("search %s: %w", m.Name, err)
		}
	}
}

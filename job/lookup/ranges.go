package lookup

import (
	"context"
	"fmt"
	"strings"

	"rolecall/api"
)

// mostRanges is how many ranges of ids one query looks up: each is two criteria, and COQL takes 25 (Zoho CRM API v7,
// Get Records through a COQL Query).
const mostRanges = 12

// Range returns the value of a Field with Range that stands for the ids from low to high. Both have the same number of
// digits.
func Range(low, high string) string { return low + " " + high }

// inRange reports whether an id is in a range.
func inRange(id, value string) bool {
	low, high, _ := strings.Cut(value, " ")
	return len(id) == len(low) && low <= id && id <= high
}

// ranges looks up the records whose ids are in some ranges. Only COQL can do that.
func (f *Finder) ranges(ctx context.Context, field *Field, values []string) ([]Answer, error) {
	answers := make([]Answer, len(values))
	if !f.noQuery.Load() {
		err := f.queryRanges(ctx, field, values, answers)
		if !api.NotOffered(err) {
			return answers, err
		}
		f.withoutQuery(err, "a rounded id in a row without a name or an e-mail gets no candidates")
	}
	for i := range answers {
		answers[i] = Answer{Why: "Zoho does not take COQL here, and nothing else finds records by a part of their ids"}
	}
	return answers, nil
}

// queryRanges fills in the answers. It halves the values if more records have such ids than one query returns for a
// credit.
func (f *Finder) queryRanges(ctx context.Context, field *Field, values []string, answers []Answer) error {
	where := ""
	for i, v := range values {
		low, high, _ := strings.Cut(v, " ")
		one := fmt.Sprintf("(id >= '%s' and id <= '%s')", low, high)
		if where += one; i > 0 { // more than two need brackets around pairs (Zoho CRM API v7, COQL)
			where = "(" + strings.TrimSuffix(where, one) + " or " + one + ")"
		}
	}
	page, err := f.zoho.Query(ctx, fmt.Sprintf("select %s from %s where %s limit %d",
		strings.Join(f.columns(field), ", "), field.Module, where, api.RowsOfOrgs), api.RowsOfOrgs)
	switch half := len(values) / 2; {
	case err != nil:
		return err
	case page.More && half > 0:
		if err := f.queryRanges(ctx, field, values[:half], answers[:half]); err != nil {
			return err
		}
		return f.queryRanges(ctx, field, values[half:], answers[half:])
	}
	for i, v := range values {
		answers[i].More = page.More
		for k := range page.Records {
			if r := &page.Records[k]; inRange(r.ID, v) {
				answers[i].Hits = append(answers[i].Hits, hitOf(field.Module, r))
			}
		}
	}
	return nil
}

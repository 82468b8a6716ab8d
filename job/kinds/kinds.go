// Package kinds is the table of all jobs.
package kinds

import (
	"slices"

	"rolecall/job"
	"rolecall/job/export"
	"rolecall/job/picklist"
	"rolecall/job/record"
	"rolecall/job/stakeholder"
	"rolecall/job/voice"
)

// all returns every job.
func all() []*job.Kind {
	return slices.Concat(
		stakeholder.Kinds(),
		picklist.Kinds(),
		export.Kinds(),
		record.Kinds(),
		voice.Kinds(),
	)
}

// Named returns the job with that name, or nil.
func Named(name string) *job.Kind {
	for _, k := range all() {
		if k.Name == name {
			return k
		}
	}
	return nil
}

package export

import (
	"context"
	"fmt"

	"rolecall/job"
)

// Name is the name of the job.
const Name = "export"

// Kinds returns the jobs of this package.
func Kinds() []*job.Kind { return []*job.Kind{Kind()} }

// Kind returns the declaration of the export. [Start] starts an export, because its folder has a fixed place in the
// state folder.
func Kind() *job.Kind {
	return &job.Kind{
		Name:   Name,
		Check:  job.CheckOptions[Options],
		Table:  namedTable(),
		Survey: func(job.Settings, string) job.Survey { return survey{} },
		List:   list,
		Begin:  begin,
		Story:  story,
		Write:  write,
		Whole:  true,
		Hold:   holdRun,
		Settle: settle,
	}
}

// list lists the deals, unless the user named them. With --via contacts it also lists the contacts.
func list(ctx context.Context, org *job.Org, set job.Settings, to job.RowList) error {
	o, err := job.OptionsOf[Options](set)
	if err != nil {
		return err
	}
	if o.Named == "" {
		l := newLister(org, &o, modDeals, to)
		l.where, l.since = o.Where, o.Since
		err = l.list(ctx)
	}
	if err == nil && o.ViaContacts {
		err = newLister(org, &o, modContacts, to).list(ctx)
	}
	return explain(&o, err)
}

// explain adds to a refusal of a list the flags that the user may have got wrong.
func explain(o *Options, err error) error {
	if err == nil || job.StopOf(err) != nil || o.Where == "" && len(o.Fields) == 0 {
		return err
	}
	more := ""
	if e, ends := job.OwnError(err); ends == nil && len(e.Details) > 0 && string(e.Details) != "{}" {
		more = " " + string(e.Details) // they name the column, or the part of the condition
	}
	//nolint:staticcheck // the message begins with a name
	err = fmt.Errorf("Zoho refuses the list of deals: %w%s; check --where and --fields", err, more)
	return &job.UsageError{Err: err}
}

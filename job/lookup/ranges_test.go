package lookup

import (
	"fmt"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

// Ranges of ids are looked up twelve to a query. If one query gives too many records, the ranges are halved, and one
// range with too many says so.
func TestRangesOfIDs(t *testing.T) {
	t.Parallel()
	r := jobtest.NewVirtual(t, emulator.Options{Deals: 900})
	org, err := r.Connect(t.Context(), job.Settings{}, job.LogHooks(rundir.NewLog(false)))
	if err != nil {
		t.Fatal(err)
	}
	f := New(org.Client, org.Version, func(text string) { t.Error(text) })
	field := Field{Module: "Deals", Names: []string{"id"}, Exact: true, Range: true}
	var values []string
	for i := range 12 { // of three deals each, and the last of all
		values = append(values, Range(jobtest.DealID(10*i+1), jobtest.DealID(10*i+3)))
	}
	find := func(values []string) (all []string) {
		answers, err := f.Find(t.Context(), field, values)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range answers {
			all = append(all, fmt.Sprint(len(a.Hits), a.More))
		}
		return all
	}
	if got := find(values); strings.Join(got, ",") != strings.Repeat("3 false,", 11)+"3 false" {
		t.Error(got)
	}
	if n := r.Emu.Stats().Calls["POST /coql"]; n != 1 {
		t.Errorf("%d queries for 12 ranges", n)
	}
	if got := find([]string{values[0], Range(jobtest.DealID(0), jobtest.DealID(9999)), values[2]}); strings.Join(got, ",") !=
		"3 false,200 true,3 false" {
		t.Error(got)
	}
}

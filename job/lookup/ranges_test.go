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

// finderOf returns a Finder for an emulated org, which notes what it says.
func finderOf(t *testing.T, o emulator.Options) (r *jobtest.Rig, f *Finder, said *[]string) {
	t.Helper()
	r, said = jobtest.NewVirtual(t, o), new([]string)
	org, err := r.Connect(t.Context(), job.Settings{}, job.LogHooks(rundir.NewLog(false)))
	if err != nil {
		t.Fatal(err)
	}
	return r, New(org.Client, org.Version, func(text string) { *said = append(*said, text) }), said
}

// Without COQL, ids cannot be found by a part of them. Each answer says so, and there is one note.
func TestRangesWithoutCOQL(t *testing.T) {
	t.Parallel()
	_, f, said := finderOf(t, emulator.Options{Deals: 9, Coql: "unscoped"})
	for range 2 {
		answers, err := f.Find(t.Context(), Field{Module: "Deals", Names: []string{"id"}, Exact: true, Range: true},
			[]string{Range(jobtest.DealID(1), jobtest.DealID(3))})
		if err != nil || len(answers) != 1 || !strings.Contains(answers[0].Why, "Zoho does not take COQL here") {
			t.Errorf("%v %v", answers, err)
		}
	}
	if len(*said) != 1 || !strings.Contains((*said)[0], "gets no candidates") {
		t.Errorf("%q", *said)
	}
}

// Ranges of ids are looked up twelve to a query. If one query gives too many records, the ranges are halved, and one
// range with too many says so.
func TestRangesOfIDs(t *testing.T) {
	t.Parallel()
	r, f, _ := finderOf(t, emulator.Options{Deals: 900})
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

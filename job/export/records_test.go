package export

import (
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/job"
)

// records asks for an export of a module to a file in the rig's folder.
func (r *rig) records(module, name string) Request {
	q := r.request(name)
	q.Kind, q.Options.Module, q.Options.Shape = Kinds()[1], module, ""
	return q
}

func TestRecordsSmoke(t *testing.T) {
	t.Parallel()
	for _, coql := range []string{"on", "off"} {
		r := newRig(t, emulator.Options{Deals: 3, Contacts: 2, Coql: coql})
		q := r.records("Contacts", "out.csv")
		got, res := r.export(q)
		t.Log(got, res.Summary.Notes, res.Summary.Spent.Kinds)
		_ = res.Summary.WriteText(writer{t})
	}
}

type writer struct{ t *testing.T }

func (w writer) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

var _ = job.Settings{}

package stakeholder

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/rundir"
)

// doctor --deep looks each deal up once, however far apart its rows are.
func TestPresenceLooksEachValueUpOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Deals: 150, Contacts: 1})
	org, err := r.Connect(t.Context(), job.Settings{}, job.LogHooks(rundir.NewLog(false)))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("deal_id,contact_id,role\n")
	for i := range 450 {
		fmt.Fprintf(&b, "%d,4150868000020000001,R\n", 4150868000010000001+i%150)
	}
	in, err := csvio.NewReader(strings.NewReader(b.String()), csvio.Options{Vocabulary: csvio.Stakeholders()})
	if err != nil {
		t.Fatal(err)
	}
	p := NewPresence(org.Client, org.Version, func(string) {})
	p.All = true
	for {
		if _, err := in.Read(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if err := p.Add(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	looked, missing, _, err := p.End(t.Context())
	if err != nil || missing != nil || !slices.Equal(looked, []string{"150 by deal id", "1 by contact id"}) {
		t.Errorf("%v %v %v", looked, missing, err)
	}
	if n := r.Emu.Stats().Calls["POST /coql"]; n != 3 {
		t.Errorf("%d queries", n)
	}
}

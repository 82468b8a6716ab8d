package record

import (
	"flag"
	"os"
	"testing"

	"rolecall/job/jobtest"
)

// TestMain makes the properties draw few examples, because each takes some runs: other ones each time. -rapid.checks on
// the command line, which is read later, wins.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "20"); err != nil {
		panic(err)
	}
	os.Exit(jobtest.Main{M: m}.Run())
}

package record

import (
	"flag"
	"os"
	"testing"

	"rolecall/job/jobtest"
)

// TestMain makes property tests draw few examples, because each example takes some runs. -rapid.checks on the command
// line is read later, and wins.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "20"); err != nil {
		panic(err)
	}
	os.Exit(jobtest.Main{M: m}.Run())
}

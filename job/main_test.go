package job_test

import (
	"flag"
	"os"
	"testing"

	"rolecall/job/jobtest"
)

// TestMain lets properties draw fewer examples under the race detector, which makes each several times as slow. Each
// run draws other ones. Without the race detector, or with -rapid.checks, they draw as many as ever.
func TestMain(m *testing.M) {
	if underRace {
		if err := flag.Set("rapid.checks", "30"); err != nil { // the command line is read after this
			panic(err)
		}
	}
	os.Exit(jobtest.Main{M: m}.Run())
}

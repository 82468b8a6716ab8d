package export

import (
	"flag"
	"os"
	"testing"

	"rolecall/job/jobtest"
)

// TestMain lets properties draw fewer examples under the race detector, which makes each several times as slow: other
// ones in each run. Without it, or by -rapid.checks, they draw as many as ever.
func TestMain(m *testing.M) {
	if underRace {
		if err := flag.Set("rapid.checks", "30"); err != nil { // the command line comes after this
			panic(err)
		}
	}
	os.Exit(jobtest.Main{M: m}.Run())
}

package record

import (
	"os"
	"testing"

	"rolecall/job/jobtest"
)

func TestMain(m *testing.M) { os.Exit(jobtest.Main{M: m}.Run()) }

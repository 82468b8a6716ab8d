package crm_test

import (
	"testing"

	"rolecall/api/emulator/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

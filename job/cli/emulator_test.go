package cli_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"rolecall/api/emulator"
)

// cmdEmulator is: emulator [flags]. It puts an emulator behind the script's address, in place of the one before, and
// names the address and credentials in the environment. With --throttle N it gives so many tokens in ten minutes,
// without as many as are asked for.
func cmdEmulator(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("unsupported: ! emulator")
	}
	var o emulator.Options
	f := flag.NewFlagSet("emulator", flag.ContinueOnError)
	f.DurationVar(&o.Latency, "latency", 0, "")
	f.IntVar(&o.Credits, "credits", 0, "")
	f.IntVar(&o.InFlight, "in-flight", 0, "")
	f.IntVar(&o.Deals, "deals", 0, "")
	f.IntVar(&o.Contacts, "contacts", 0, "")
	f.StringVar(&o.Edition, "edition", "", "")
	f.StringVar(&o.CollectionPut, "collection-put", "", "")
	f.StringVar(&o.Composite, "composite", "", "")
	f.StringVar(&o.Coql, "coql", "", "")
	f.IntVar(&o.CoqlRows, "coql-rows", 0, "")
	f.StringVar(&o.RoleMoves, "role-moves", "", "")
	f.DurationVar(&o.SearchLag, "search-lag", 0, "")
	f.BoolVar(&o.CoqlCaseless, "coql-caseless", false, "")
	f.Func("deny", "", func(rights string) error { o.Denied = strings.Split(rights, ","); return nil })
	f.StringVar(&o.Gateway.Key, "gateway-key", canaryGateway, "")
	f.Func("gateway-forward", "", func(paths string) error {
		o.Gateway.Forward = strings.Split(strings.TrimPrefix(paths, "page"), ",")
		o.Gateway.Forward = slices.DeleteFunc(o.Gateway.Forward, func(p string) bool { return p == "" })
		return nil
	})
	f.IntVar(&o.RolesPerDeal, "max-roles", 0, "")
	f.IntVar(&o.VoiceContacts, "voice-contacts", 0, "")
	f.StringVar(&o.VoiceContact, "voice-contact", "", "")
	f.StringVar(&o.VoicePut, "voice-put", "", "")
	f.IntVar(&o.VoiceInFlight, "voice-in-flight", 0, "")
	f.IntVar(&o.VoiceRate, "voice-rate", 0, "")
	f.DurationVar(&o.VoiceLock, "voice-lock", 0, "")
	f.IntVar(&o.TokenRequests, "throttle", -1, "")
	f.DurationVar(&o.DevicePolls, "device-polls", time.Millisecond, "")
	state := f.String("state", "", "")
	seed := f.String("seed", "", "")
	faults := f.String("faults", "", "")
	ts.Check(f.Parse(args))
	var err error
	o.Faults, err = emulator.ParseFaults(*faults)
	ts.Check(err)
	if *state != "" {
		o.State = ts.MkAbs(*state)
	}
	if *seed != "" {
		o.Org, err = readSeed(ts.MkAbs(*seed))
		ts.Check(err)
	}
	w := worldOf(ts)
	ts.Check(w.put(o))
	for name, value := range map[string]string{
		"ROLECALL_API_URL": w.server.URL, "ROLECALL_ACCOUNTS_URL": w.server.URL, "ROLECALL_VOICE_URL": w.server.URL,
		"ROLECALL_CLIENT_ID": "x", "ROLECALL_CLIENT_SECRET": canarySecret, "ROLECALL_REFRESH_TOKEN": canaryRefresh,
	} {
		ts.Setenv(name, value)
	}
}

func readSeed(path string) (*emulator.Org, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	org, err := emulator.ReadOrg(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return org, nil
}

// cmdHold is: hold METHOD [N], or hold. After N more calls of that method (default 0) its calls wait. They are neither
// applied nor answered until hold comes again, and never where their process ends first.
func cmdHold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 2 {
		ts.Fatalf("usage: hold [METHOD [N]]")
	}
	method, passes := "", 0
	if len(args) > 0 {
		method = args[0]
	}
	if len(args) > 1 {
		var err error
		passes, err = strconv.Atoi(args[1])
		ts.Check(err)
	}
	worldOf(ts).holdCalls(method, passes)
}

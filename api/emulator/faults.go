package emulator

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
)

// A fault is one way in which a call fails.
type fault int

const (
	noFault       fault = iota
	fault429            // answers TOO_MANY_REQUESTS, applies nothing
	fault500            // answers INTERNAL_ERROR, applies nothing
	faultReset          // cuts the connection, applies nothing
	faultDrop           // applies, cuts instead of answering
	faultSlow           // five times the latency and at least half a second
	faultHTML           // answers 502 with a page, applies nothing
	faultTruncate       // applies, sends half of the answer
	faultCount
)

// faultNames returns the names in ParseFaults, by fault.
func faultNames() [faultCount]string {
	return [...]string{"", "429", "500", "reset", "drop", "slow", "html", "truncate"}
}

// Faults is how often each fault happens, as a share of all API calls. With the zero value no fault happens.
type Faults struct {
	percent [faultCount]float64
}

// ParseFaults reads shares of all API calls, for example
// "429=2%,500=1%,reset=1%,drop=1%,slow=5%,html=1%,truncate=1%". Percents may have fractions and may add up to 100.
// Faults without a share do not happen. "" is no faults.
func ParseFaults(s string) (Faults, error) {
	var f Faults
	if strings.TrimSpace(s) == "" {
		return f, nil
	}
	sum := 0.0
	for part := range strings.SplitSeq(s, ",") {
		kind, percent, err := parseFault(part)
		if err != nil {
			return Faults{}, err
		}
		if f.percent[kind] != 0 {
			return Faults{}, fmt.Errorf("fault %q is named twice", faultNames()[kind])
		}
		f.percent[kind] = percent
		sum += percent
	}
	if sum > 100+1e-9 { // a sum of decimal fractions may be a little more than 100
		return Faults{}, fmt.Errorf("faults add up to %g%%: at most 100%% of the calls can go wrong", sum)
	}
	return f, nil
}

func parseFault(part string) (fault, float64, error) {
	name, share, hasShare := strings.Cut(part, "=")
	name, share = strings.TrimSpace(name), strings.TrimSpace(share)
	digits, isPercent := strings.CutSuffix(share, "%")
	if !hasShare || !isPercent {
		return noFault, 0, fmt.Errorf("fault %q is not NAME=PERCENT%%: write it like 429=2%%", strings.TrimSpace(part))
	}
	percent, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if err != nil || !(percent >= 0 && percent <= 100) { // also refuses NaN
		return noFault, 0, fmt.Errorf("fault %q: %q is not a percentage from 0%% to 100%%", name, share)
	}
	names := faultNames()
	for kind := fault429; kind < faultCount; kind++ {
		if names[kind] == name {
			return kind, percent, nil
		}
	}
	return noFault, 0, fmt.Errorf("unknown fault %q: use %s", name, strings.Join(names[1:], ", "))
}

// String returns the form that ParseFaults reads.
func (f Faults) String() string {
	var parts []string
	for kind, name := range faultNames() {
		if share := f.percent[kind]; share > 0 {
			parts = append(parts, name+"="+strconv.FormatFloat(share, 'g', -1, 64)+"%")
		}
	}
	return strings.Join(parts, ",")
}

// A chooser draws one fault for each call. The same seed and the same order of calls give the same faults.
type chooser struct {
	faults Faults
	none   bool

	mu     sync.Mutex
	source *rand.Rand
}

func newChooser(f Faults, seed int64) *chooser {
	return &chooser{
		faults: f,
		none:   f == Faults{},
		//nolint:gosec // a negative seed becomes another seed, always the same
		source: rand.New(rand.NewPCG(uint64(seed), 0)),
	}
}

func (c *chooser) next() fault {
	if c.none {
		return noFault
	}
	c.mu.Lock()
	at := c.source.Float64() * 100
	c.mu.Unlock()
	for kind := fault429; kind < faultCount; kind++ {
		if at -= c.faults.percent[kind]; at < 0 {
			return kind
		}
	}
	return noFault
}

package cli_test

import (
	"fmt"
	"math/rand/v2"

	"rolecall/api/emulator"
)

// chaosWay is how the rows of a round travel: what the user asks for, and what the org offers.
type chaosWay struct {
	command       string
	batch         bool   // assign: several contacts of a deal may go in one call
	last          bool   // assign: a row that a later one supersedes is unchanged
	skips         bool   // each deal is read first, and only what differs is written; remove always does so
	ignores       bool   // remove: who is not on the deal is unchanged
	composite     string // whether five deals are read at once
	collectionPut string // what the org does with several contacts in one call
	composes      string // whether it takes composite requests
}

func drawChaosWay(rnd *rand.Rand, command string) chaosWay {
	return chaosWay{
		command: command, batch: command == "remove" || rnd.IntN(4) > 0, skips: command == "remove" || rnd.IntN(5) < 2,
		ignores:       rnd.IntN(2) == 0,
		composite:     []string{"auto", "on", "on", "off"}[rnd.IntN(4)],
		collectionPut: []string{"merge", "merge", "replace", "off"}[rnd.IntN(4)],
		composes:      []string{"on", "on", "on", "off"}[rnd.IntN(4)],
		last:          command == "assign" && rnd.IntN(2) == 0,
	}
}

// flags ask for it.
func (w chaosWay) flags() []string {
	flags := []string{"--composite", w.composite}
	if w.command == "assign" && !w.batch {
		flags = append(flags, "--batch", "off")
	}
	if w.last {
		flags = append(flags, "--contradictions", "last")
	}
	switch {
	case w.command == "assign":
		flags = append(flags, "--read-first", map[bool]string{true: "on", false: "off"}[w.skips])
	case w.ignores:
		flags = append(flags, "--ignore-not-found", "--yes", "--max-delete", "100%")
	default:
		flags = append(flags, "--yes", "--max-delete", "100%")
	}
	return flags
}

// offer makes the org such.
func (w chaosWay) offer(o *emulator.Options) {
	o.CollectionPut, o.Composite = w.collectionPut, w.composes
}

// again says whether Zoho's answers may make rolecall send a row again: where it refuses a call for several, each goes
// by itself.
func (w chaosWay) again() bool { return w.batch && w.command == "assign" && w.collectionPut == "off" }

// together says whether most rows of a deal may go in one call.
func (w chaosWay) together() bool {
	return w.batch && (w.command == "remove" || w.collectionPut == "merge")
}

func (w chaosWay) String() string {
	return fmt.Sprintf("%q on an org with collection PUT %s, composite %s", w.flags(), w.collectionPut, w.composes)
}

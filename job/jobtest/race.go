//go:build race

package jobtest

// UnderRace is set if the race detector is on, which makes tests several times as slow.
const UnderRace = true

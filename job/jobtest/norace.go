//go:build !race

package jobtest

// UnderRace reports whether the race detector is on, which makes tests several times as slow.
const UnderRace = false

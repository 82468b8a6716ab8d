//go:build race

package rig

// underRace reports whether the race detector slows the tests down.
const underRace = true

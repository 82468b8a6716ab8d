//go:build !race

package emulator_test

// underRace says that the race detector makes everything slow.
const underRace = false

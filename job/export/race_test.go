//go:build race

package export

// underRace says that the race detector makes everything slow.
const underRace = true

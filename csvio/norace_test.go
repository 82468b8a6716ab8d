//go:build !race

package csvio

// underRace says that the race detector makes everything slow.
const underRace = false

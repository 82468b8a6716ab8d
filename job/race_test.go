//go:build race

package job

// underRace says that the race detector makes everything slow.
const underRace = true

//go:build !race

package stakeholder

// underRace says that the race detector makes everything slow.
const underRace = false

//go:build race

package stakeholder

// underRace reports that the race detector makes everything slow.
const underRace = true

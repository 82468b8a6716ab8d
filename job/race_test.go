//go:build race

package job_test

// underRace reports that the race detector makes everything slow.
const underRace = true

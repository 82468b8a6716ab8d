//go:build !race

package job_test

// underRace says that the race detector makes everything slow.
const underRace = false

//go:build race

package cli_test

// underRace says that the race detector makes everything slow.
const underRace = true

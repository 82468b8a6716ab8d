package jobtest

import "math/rand/v2"

// AnyOf returns all of some cases. Under the race detector, which makes tests several times as slow, it returns one of
// them, another one in each run of the tests.
func AnyOf[T any](cases ...T) []T {
	if !UnderRace {
		return cases
	}
	return []T{cases[rand.IntN(len(cases))]}
}

package command

import "testing"

func TestRateIsPositiveAndBelowItsLimit(t *testing.T) {
	t.Parallel()
	for rate, valid := range map[float64]bool{-1: false, 0: false, 0.5: true, maxRate: true, 2 * maxRate: false} {
		if err := (&LimitFlags{Rate: &rate}).Validate(); (err == nil) != valid {
			t.Errorf("--rate %g: %v", rate, err)
		}
	}
}

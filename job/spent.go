package job

import (
	"time"

	"rolecall/api/pace"
	"rolecall/job/report"
)

// spentBy returns what this process has spent so far.
func spentBy(pacer *pace.Pacer) report.Spent {
	p, calls := pacer.Stats(), pacer.CallStats()
	spent := report.Spent{
		Calls: int64(p.Calls), Credits: int64(p.Credits), Retries: int64(p.Retries), Episodes: int64(p.Episodes),
		Kinds: map[string]int64{}, AtLimit: calls.AtLimit.Seconds(), Waiting: calls.Waiting().Seconds(),
		P50: float64(calls.P50) / float64(time.Millisecond), P99: float64(calls.P99) / float64(time.Millisecond),
	}
	for kind, n := range calls.Kinds {
		spent.Kinds[kind] = int64(n)
	}
	return spent
}

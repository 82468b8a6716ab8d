package pace

import (
	"math"
	"time"
)

// The buckets of the histogram begin at ten microseconds, and each is 8 % wider than the one before. So the middle of a
// bucket is within 4 % of each duration in it. The last bucket is beyond ten minutes.
const (
	latencyLeast   = 10 * time.Microsecond
	latencyRatio   = 1.08
	latencyBuckets = 240
)

// latencies counts durations in buckets of logarithmic width: it gives quantiles in little memory.
type latencies struct {
	buckets [latencyBuckets]int
	count   int
}

func (l *latencies) add(d time.Duration) {
	i := 0
	if d > latencyLeast {
		i = int(math.Log(float64(d)/float64(latencyLeast)) / math.Log(latencyRatio))
	}
	l.buckets[min(i, latencyBuckets-1)]++
	l.count++
}

// quantile returns the duration that a share q of all did not exceed, within 4 %, or zero if there are none.
func (l *latencies) quantile(q float64) time.Duration {
	rank := max(1, int(math.Ceil(q*float64(l.count))))
	for i, n := range l.buckets {
		if rank -= n; rank <= 0 {
			return time.Duration(float64(latencyLeast) * math.Pow(latencyRatio, float64(i)+0.5))
		}
	}
	return 0
}

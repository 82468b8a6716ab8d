package lookup

import (
	"slices"
	"strings"

	"rolecall/csvio/alike"
)

// mostNear is how many records Nearest returns.
const mostNear = 5

// Nearest returns the at most five records whose name or e-mail is most similar to one of the texts, the nearest first.
func Nearest(hits []Hit, texts ...string) []Hit {
	type near struct {
		hit  Hit
		part float64
	}
	all := make([]near, len(hits))
	for i, h := range hits {
		all[i].hit = h
		for _, t := range texts {
			all[i].part = max(all[i].part, alikeness(t, h.Name), alikeness(t, h.Email))
		}
	}
	slices.SortStableFunc(all, func(a, b near) int {
		switch {
		case a.part > b.part:
			return -1
		case a.part < b.part:
			return 1
		}
		return strings.Compare(a.hit.ID, b.hit.ID)
	})
	var nearest []Hit
	for _, n := range all[:min(len(all), mostNear)] {
		nearest = append(nearest, n.hit)
	}
	return nearest
}

// alikeness returns the part of their pairs of letters that two texts share, from 0 to 1 (Dice's coefficient).
func alikeness(a, b string) float64 {
	x, y := pairs(a), pairs(b)
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	shared := 0
	for p, n := range x {
		shared += min(n, y[p])
	}
	return 2 * float64(shared) / float64(count(x)+count(y))
}

func pairs(text string) map[[2]rune]int {
	runes, all := []rune(alike.Key(text)), map[[2]rune]int{}
	for i := 1; i < len(runes); i++ {
		all[[2]rune{runes[i-1], runes[i]}]++
	}
	return all
}

func count(pairs map[[2]rune]int) (n int) {
	for _, times := range pairs {
		n += times
	}
	return n
}

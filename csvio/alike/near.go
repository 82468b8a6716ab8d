package alike

import (
	"cmp"
	"slices"
	"strings"
)

// longestWord bounds the words that Nearest compares, in bytes. No key, flag or profile is longer.
const longestWord = 80

// Nearest returns the word of all that is the fewest edits away, the first of several. It returns "" if more than half
// of the word would have to change.
func Nearest(word string, all []string) string {
	if len(word) > longestWord {
		return ""
	}
	best, found := (max(len([]rune(word)), 2)+1)/2, ""
	for _, candidate := range all {
		if d := distance(letters(word), letters(candidate)); d <= best && (found == "" || d < best) {
			best, found = d, candidate
		}
	}
	return found
}

// Near returns the words that Nearest would choose from, the nearest first, and at most the given number.
func Near(word string, all []string, most int) (near []string) {
	rest := slices.Clone(all)
	for len(near) < most {
		next := Nearest(word, rest)
		if next == "" {
			break
		}
		near = append(near, next)
		rest = slices.DeleteFunc(rest, func(w string) bool { return w == next })
	}
	return near
}

// Ranked returns all words, the nearest first. Words that are equally near keep their order.
func Ranked(word string, all []string) []string {
	ranked := slices.Clone(all)
	if len(word) <= longestWord {
		slices.SortStableFunc(ranked, func(a, b string) int {
			return cmp.Compare(distance(letters(word), letters(a)), distance(letters(word), letters(b)))
		})
	}
	return ranked
}

// letters returns a word without case and without the signs that join words. People confuse these more often than
// letters.
func letters(word string) []rune {
	return []rune(strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(word)))
}

// distance returns how many letters must be added, removed, changed or swapped with their neighbour to turn a into b
// (optimal string alignment).
func distance(a, b []rune) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

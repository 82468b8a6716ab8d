package profile

import (
	"fmt"
	"strings"

	"rolecall/csvio/alike"
)

// unknown returns the error for a word that is not one of all. The error names the nearest word, or all of them if none
// is near.
func unknown(what, word string, all []string) error {
	if near := alike.Nearest(word, all); near != "" {
		return fmt.Errorf("unknown %s %q: did you mean %s?", what, word, near)
	}
	return fmt.Errorf("unknown %s %q: there is %s", what, word, strings.Join(all, ", "))
}

package cli_test

import (
	"bufio"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"testing"
)

const (
	benchContacts = 1000 // contacts of the orgs; the rows go round them
	benchDeal     = 5    // rows of a deal, where the work does not say otherwise
	// -short divides the sizes by this, to try a benchmark in seconds. Its figures then mean nothing.
	benchShort = 20
	benchSeed  = 1 // of the random order
)

// benchRows are the rows that a benchmark works on, all of one role, no two alike.
type benchRows struct {
	n        int
	perDeal  int
	shuffled bool // over the whole file; else in deal order
}

// benchOf is a size, or what is left of it with -short.
func benchOf(n int) int {
	if testing.Short() {
		return n / benchShort
	}
	return n
}

// deals is how many deals the rows are of.
func (r benchRows) deals() int { return (r.n + r.perDeal - 1) / r.perDeal }

// all gives the deal id and the contact id of each row, in the order of the file.
func (r benchRows) all() iter.Seq2[int, int] {
	var order []int
	if r.shuffled {
		order = rand.New(rand.NewPCG(benchSeed, 0)).Perm(r.n)
	}
	return func(yield func(deal, contact int) bool) {
		for i := range r.n {
			if order != nil {
				i = order[i]
			}
			if !yield(dealBase+i/r.perDeal+1, contactBase+i%benchContacts+1) {
				return
			}
		}
	}
}

// write makes the file.
func (r benchRows) write(b *testing.B, path string) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "deal_id,contact_id,role")
	for deal, contact := range r.all() {
		fmt.Fprintf(w, "%d,%d,Purchasing\n", deal, contact)
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		b.Fatal(err)
	}
}

package job

import (
	"context"
	"errors"
	"strings"
	"testing"

	"rolecall/csvio"
)

// What waits between the reading and the storing is bounded in bytes also where rows are long: those that are malformed, and those with much text in columns that are nobody's.
func TestABatchOfLongRowsIsShort(t *testing.T) {
	t.Parallel()
	const rows, size = 40, 300 << 10
	for name, row := range map[string]string{
		"malformed":    strings.Repeat("x", size) + "\n",
		"other column": "1," + strings.Repeat("x", size) + ",2,Purchasing\n",
		"in quotes":    `1,"` + strings.Repeat("x", size) + `",2,Purchasing` + "\n",
	} {
		in, err := openInput(t.Context(), strings.NewReader("deal_id,note,contact_id,role\n"+strings.Repeat(row, rows)), csvio.Options{Vocabulary: csvio.Stakeholders(), Needs: Assign.needs()})
		if err != nil {
			t.Fatal(err)
		}
		to := newHandover(t.Context())
		done := make(chan error, 1)
		go func() { defer close(to.full); done <- readRows(in, 0, to) }()
		n := 0
		for batch := range to.full {
			held := 0
			for i := range batch {
				held += batch[i].Size
				if n++; batch[i].Row != n {
					t.Errorf("%s: row %d after row %d", name, batch[i].Row, n-1)
				}
			}
			if held >= surveyBatchBytes+2*size {
				t.Errorf("%s: a batch holds %d bytes", name, held)
			}
			to.empty <- batch
		}
		if err := <-done; err != nil || n != rows {
			t.Errorf("%s: %d rows, %v", name, n, err)
		}
	}
}

// A survey that is interrupted while rows wait to be stored ends at once, and says so.
func TestReadingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	in, err := openInput(ctx, strings.NewReader("deal_id,contact_id,role\n"+strings.Repeat("1,2,Purchasing\n", 10*surveyBatch)), csvio.Options{Vocabulary: csvio.Stakeholders(), Needs: Assign.needs()})
	if err != nil {
		t.Fatal(err)
	}
	to := newHandover(ctx)
	done := make(chan error, 1)
	go func() { done <- readRows(in, 0, to) }() // nobody stores: it waits once every batch is full
	<-to.full
	cancel()
	if err := <-done; !errors.Is(err, ErrInterrupted) {
		t.Errorf("ended with %v", err)
	}
}

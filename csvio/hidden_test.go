package csvio

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHiddenRowsAreCounted(t *testing.T) {
	t.Parallel()
	with := func(attributes, row string) string { return strings.Replace(row, "<row", "<row "+attributes, 1) }
	rows := with(`hidden="1"`, workbookHead) + with(`hidden="1"`, inline(2, "1", "2", "a")) + inline(3, "3", "4", "b") +
		with(`hidden="0" ht="15"`, inline(4, "5", "6", "c")) + with(`hidden="true"`, inline(5, "", "7", "d")) +
		with(`ht="0" customHeight="1"`, inline(6, "", "8", "e")) + inline(7, "", "9", "f") +
		with(`hidden="1"`, inline(8)) + with(`collapsed="1"`, inline(9, "10", "11", "g"))
	for name, tt := range map[string]struct {
		skip bool
		want []string
	}{
		"included": {false, []string{
			"1@2 1|2|a|", "2@3 3|4|b|", "3@4 5|6|c|", "4@5 5|7|d|", "5@6 5|8|e|", "6@7 5|9|f|", "7@9 10|11|g|",
		}},
		"left out": {true, []string{"1@3 3|4|b|", "2@4 5|6|c|", "3@7 5|9|f|", "4@9 10|11|g|"}},
	} {
		r := reader(t, mergedBook(t, rows, "A4:A7"), Options{Needs: triple(), SkipHidden: tt.skip})
		got, err := readAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, brief(got)); diff != "" || r.Hidden() != 3 {
			t.Errorf("%s: %d hidden (-want +got):\n%s", name, r.Hidden(), diff)
		}
	}
	for name, want := range map[string]int{"02-autofilter.xlsx": 2, "02-hidden-row.xlsx": 1, "03-merged-deal.xlsx": 0} {
		r, err := NewReader(testFile(t, name), withVocabulary(Options{Needs: triple()}))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := readAll(r)
		if err != nil || len(rows) != 4 || r.Hidden() != want {
			t.Errorf("%s: %d rows, %d of them hidden, %v", name, len(rows), r.Hidden(), err)
		}
		_ = r.Close()
	}
}

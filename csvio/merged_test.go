package csvio

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// mergedBook returns a workbook whose visible sheet has these rows and merged cells.
func mergedBook(t testing.TB, rows string, ranges ...string) string {
	t.Helper()
	var cells strings.Builder
	for _, r := range ranges {
		fmt.Fprintf(&cells, `<mergeCell ref="%s"/>`, r)
	}
	parts := workbookParts("")
	parts["xl/worksheets/sheet2.xml"] = sheetBegin + rows + `</sheetData><autoFilter ref="A1:D9"/><mergeCells>` +
		cells.String() + `</mergeCells><pageMargins left="0.7"/></worksheet>`
	return zipped(t, parts)
}

// testFile opens a file of testdata.
func testFile(t testing.TB, name string) *os.File {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestMergedCellsCountForEachOfTheirRows(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rows   string
		ranges []string
		want   []string
	}{
		"one column": {
			workbookHead + inline(2, "1", "2", "a") + inline(3, "3", "", "b") + inline(4, "4", "", "c") +
				inline(5, "5", "", "d"),
			[]string{"B2:B4"},
			[]string{"1@2 1|2|a|", "2@3 3|2|b|", "3@4 4|2|c|", "4@5 5||d|"},
		},
		"in any order": {
			workbookHead + inline(2, "1", "2", "a") + inline(3, "", "3") + inline(4, "4", "5", "b") + inline(5, "6"),
			[]string{"C4:C5", "B4:B5", "A2:A3", "C2:C3"},
			[]string{"1@2 1|2|a|", "2@3 1|3|a|", "3@4 4|5|b|", "4@5 6|5|b|"},
		},
		"a block of rows and columns": {
			workbookHead + inline(2, "1", "2", "", "w") + inline(3, "", "3", "", "x") + inline(4, "", "4", "b", "y"),
			[]string{"B2:C3"},
			[]string{"1@2 1|2||w", "2@3 |2||x", "3@4 |4|b|y"},
		},
		"cells that are covered do not count": {
			workbookHead + inline(2, "1", "2", "a", "x") + inline(3, "3", "unseen", "b", "unseen"),
			[]string{"B2:B3", "C3:D3"},
			[]string{"1@2 1|2|a|x", "2@3 3|2|b|"},
		},
		"a row of merged cells alone is none": {
			workbookHead + inline(2, "1", "2", "a") + inline(3, "", "unseen") +
				`<row r="4"/>` + inline(5, "5", "6", "b"),
			[]string{"A2:A4", "B2:B4", "C2:C4"},
			[]string{"1@2 1|2|a|", "2@5 5|6|b|"},
		},
		"the first row is missing": {
			workbookHead + inline(3, "3", "unseen", "b"), []string{"B2:B3"}, []string{"1@3 3||b|"},
		},
		"a formula without a value": {
			workbookHead + `<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>A1</f></c></row>` +
				inline(3, "3") + inline(4, "4"),
			[]string{"B2:B3"},
			[]string{"1@2 !1|||", "2@3 !3|||", "3@4 4|||"},
		},
		"beside the table": {
			workbookHead + inline(2, "1", "2", "a", "", "note") + inline(3, "3", "4", "b"),
			[]string{"E2:E3"},
			[]string{"1@2 !1|2|a|", "2@3 3|4|b|"},
		},
		"in the header": {
			inline(1, "deal_id", "contact_id", "", "note") + inline(2, "1", "2", "", "a"),
			[]string{"B1:C1", "B2:C2"},
			[]string{"1@2 1|2||a"},
		},
		"a single cell": {workbookHead + inline(2, "1"), []string{"A2", "B2:B2"}, []string{"1@2 1|||"}},
	}
	for name, tt := range tests {
		got := brief(rowsOf(t, mergedBook(t, tt.rows, tt.ranges...), Options{}))
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestMergedCellsOfRealFiles(t *testing.T) {
	t.Parallel()
	const deal, contact = "4150868000000561", "4150868000000562"
	for name, want := range map[string][]string{
		"03-merged-contact-and-role.xlsx": {
			deal + "023 " + contact + "011", deal + "042 " + contact + "011", deal + "061 " + contact + "011",
			deal + "080 " + contact + "028",
		},
		"03-merged-deal.xlsx": {
			deal + "023 " + contact + "011", deal + "023 " + contact + "028", deal + "023 " + contact + "045",
			deal + "042 " + contact + "062",
		},
	} {
		r, err := NewReader(testFile(t, name), withVocabulary(Options{Needs: triple()}))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := readAll(r)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range rows {
			if row.Role != "Purchasing" {
				t.Errorf("%s: line %d has the role %q", name, row.Line, row.Role)
			}
			got = append(got, row.DealID+" "+row.ContactID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestMergedCellsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	rows := workbookHead + inline(2, "1", "2", "a") + inline(3, "3")
	for name, tt := range map[string]struct {
		ranges []string
		line   int
		want   string
	}{
		"overlapping":   {[]string{"A2:B3", "B3:C4"}, 3, "the merged cells A2:B3 and B3:C4 overlap; unmerge them"},
		"no cells":      {[]string{"A2:"}, 0, `"A2:" is no range of merged cells`},
		"upside down":   {[]string{"A3:A2"}, 0, `"A3:A2" is no range of merged cells`},
		"beyond":        {[]string{"A2:A1048577"}, 0, `"A2:A1048577" is no range of merged cells`},
		"beyond as col": {[]string{"A2:XFE2"}, 0, `"A2:XFE2" is no range of merged cells`},
	} {
		problem, _ := fileError(t, mergedBook(t, rows, tt.ranges...), Options{})
		if !strings.Contains(problem.Error(), tt.want) || problem.Line != tt.line {
			t.Errorf("%s: line %d: %v", name, problem.Line, problem)
		}
	}
	long := strings.Repeat("x", 400<<10)
	deep := workbookHead + inline(2, long) + inline(3, "", long) + inline(4, "", "", long) + inline(5, "", "", "", "x")
	if problem, _ := fileError(t, mergedBook(t, deep, "A2:A9", "B3:B9", "C4:C9"), Options{}); problem.Line != 4 {
		t.Errorf("long texts: %v", problem)
	}
}

// The end tag of the rows is found at any offset in a block of the file, also with a prefix.
func TestMergedCellsBehindAnyText(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"", "x:"} {
		for _, size := range []int{0, 64<<10 - 200, 64<<10 - 120, 200 << 10} {
			for shift := range 14 {
				parts := workbookParts("")
				parts["xl/worksheets/sheet2.xml"] = "<worksheet><" + prefix + "sheetData>" + workbookHead + inline(2, "1", "2") +
					inline(3, "3") + strings.Repeat(" ", size+shift*7) + "</" + prefix +
					`sheetData><mergeCells><mergeCell ref="B2:B3"/></mergeCells></worksheet>`
				rows := rowsOf(t, zipped(t, parts), Options{})
				if len(rows) != 2 || rows[1].ContactID != "2" {
					t.Fatalf("prefix %q, %d spaces: %+v", prefix, size+shift*7, rows)
				}
			}
		}
	}
}

// A sheet with merged cells reads as the same sheet with the value of each range in all its rows.
func TestMergedCellsReadAsFilledOnes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		const columns = 4
		height := rapid.IntRange(1, 12).Draw(rt, "rows")
		plain := make([][]string, height) // with merged cells as a file has them
		filled := make([][]string, height)
		for i := range plain {
			plain[i] = make([]string, columns)
			for c := range plain[i] {
				plain[i][c] = rapid.SampledFrom([]string{"", "1", "22", "333"}).Draw(rt, "cell")
			}
			plain[i][columns-1] = "own" // each row has a cell that is not merged
			filled[i] = slices.Clone(plain[i])
		}
		var ranges []string
		for c := range columns - 1 {
			for top := 0; top < height; top++ {
				bottom := min(height-1, top+rapid.IntRange(0, 3).Draw(rt, "more"))
				ranges = append(ranges, fmt.Sprintf("%s%d:%s%d", letter(c), top+2, letter(c), bottom+2))
				for i := top + 1; i <= bottom; i++ {
					filled[i][c] = plain[top][c]
				}
				top = bottom
			}
		}
		ranges = rapid.Permutation(ranges).Draw(rt, "order")
		sheet := func(cells [][]string) string {
			text := workbookHead
			for i, row := range cells {
				text += inline(i+2, row...)
			}
			return text
		}
		want := brief(rowsOf(t, mergedBook(t, sheet(filled)), Options{}))
		got := brief(rowsOf(t, mergedBook(t, sheet(plain), ranges...), Options{}))
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("ranges %q (-want +got):\n%s", ranges, diff)
		}
	})
}

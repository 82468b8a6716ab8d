package coql_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// A modelDeal is a deal of the model. An amount of -1 and an empty text are null.
type modelDeal struct {
	id, amount  int
	stage, name string
}

func (m modelDeal) record() emulator.Record {
	r := emulator.Record{"id": []byte(fmt.Sprintf("%q", fmt.Sprint(m.id))), "Stage": []byte("null"),
		"Amount": []byte("null"), "Deal_Name": []byte("null")}
	if m.stage != "" {
		r["Stage"] = []byte(rig.Quote(m.stage))
	}
	if m.name != "" {
		r["Deal_Name"] = []byte(rig.Quote(m.name))
	}
	if m.amount >= 0 {
		r["Amount"] = fmt.Appendf(nil, "%d.%d", m.amount/10, m.amount%10)
	}
	return r
}

// A modelCriteria is the text of criteria and their meaning.
type modelCriteria struct {
	text  string
	holds func(modelDeal) bool
}

func written(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// drawLeaf draws one criterion.
func drawLeaf(t *rapid.T) modelCriteria {
	n := rapid.IntRange(0, 12).Draw(t, "number")
	s := rapid.SampledFrom([]string{"a", "b'", "ab", "b"}).Draw(t, "text")
	symbol := rapid.SampledFrom([]string{"=", "!=", "<", "<=", ">", ">="}).Draw(t, "symbol")
	compares := func(c int) bool {
		return map[string]bool{"=": c == 0, "!=": c != 0, "<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0}[symbol]
	}
	leaves := []modelCriteria{
		{fmt.Sprintf("id %s %d", symbol, n+1), func(d modelDeal) bool { return compares(cmp.Compare(d.id, n+1)) }},
		{fmt.Sprintf("id between 2 and '%d'", n+1), func(d modelDeal) bool { return d.id >= 2 && d.id <= n+1 }},
		{fmt.Sprintf("id in (%d, 3)", n+1), func(d modelDeal) bool { return d.id == n+1 || d.id == 3 }},
		{"id is not null", func(modelDeal) bool { return true }},
		{fmt.Sprintf("Amount %s %d.%d", symbol, n/10, n%10),
			func(d modelDeal) bool { return d.amount >= 0 && compares(cmp.Compare(d.amount, n)) }},
		{fmt.Sprintf("Amount not between 0 and 0.%d", n%10),
			func(d modelDeal) bool { return d.amount >= 0 && d.amount > n%10 }},
		{"Amount is null", func(d modelDeal) bool { return d.amount < 0 }},
		{"Stage = " + written(s), func(d modelDeal) bool { return d.stage == s }},
		{"Stage != " + written(s), func(d modelDeal) bool { return d.stage != "" && d.stage != s }},
		{"Stage not in (" + written(s) + ")", func(d modelDeal) bool { return d.stage != "" && d.stage != s }},
		{"Stage is not null", func(d modelDeal) bool { return d.stage != "" }},
		{"Deal_Name = " + written(s), func(d modelDeal) bool { return d.name == s }},
		{"Deal_Name in ('A', " + written(s) + ")", func(d modelDeal) bool { return d.name == s }}, // case counts
		{"Deal_Name like " + written(s+"%"), func(d modelDeal) bool { return strings.HasPrefix(d.name, s) }},
		{"Deal_Name like " + written("%"+s), func(d modelDeal) bool { return strings.HasSuffix(d.name, s) }},
		{"Deal_Name not like " + written("%"+s+"%"),
			func(d modelDeal) bool { return d.name != "" && !strings.Contains(d.name, s) }},
	}
	return rapid.SampledFrom(leaves).Draw(t, "criterion")
}

// drawCriteria draws criteria, in brackets by pairs.
func drawCriteria(t *rapid.T, depth int) modelCriteria {
	if depth == 0 || rapid.Bool().Draw(t, "leaf") {
		return drawLeaf(t)
	}
	left, right := drawCriteria(t, depth-1), drawCriteria(t, depth-1)
	if rapid.Bool().Draw(t, "and") {
		return modelCriteria{"((" + left.text + ") and (" + right.text + "))",
			func(d modelDeal) bool { return left.holds(d) && right.holds(d) }}
	}
	return modelCriteria{"((" + left.text + ") or (" + right.text + "))",
		func(d modelDeal) bool { return left.holds(d) || right.holds(d) }}
}

// drawOrder draws an order by clause. Equal deals go by the id.
func drawOrder(t *rapid.T) (text string, compare func(a, b modelDeal) int) {
	orders := map[string]func(a, b modelDeal) int{
		"":                 func(a, b modelDeal) int { return cmp.Compare(a.id, b.id) },
		"order by id desc": func(a, b modelDeal) int { return cmp.Compare(b.id, a.id) },
		"order by Stage": func(a, b modelDeal) int {
			return cmp.Or(cmp.Compare(a.stage, b.stage),
				cmp.Compare(a.id, b.id))
		},
		"order by Amount desc, id desc": func(a, b modelDeal) int {
			return cmp.Or(cmp.Compare(b.amount, a.amount),
				cmp.Compare(b.id, a.id))
		},
		"order by Deal_Name, Amount desc": func(a, b modelDeal) int {
			return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(b.amount, a.amount), cmp.Compare(a.id, b.id))
		},
	}
	keys := []string{"", "order by id desc", "order by Stage", "order by Amount desc, id desc",
		"order by Deal_Name, Amount desc"}
	text = rapid.SampledFrom(keys).Draw(t, "order")
	return text, orders[text]
}

// For every org, criteria, order and limits COQL returns the rows of a simple model, the same count, and whether there
// are more.
func TestCOQLAgainstModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		texts := []string{"", "a", "b'", "ab", "b'a"}
		var deals []modelDeal
		o := &emulator.Org{}
		for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(1, 14), 1, 10, rapid.ID).Draw(rt, "ids") {
			d := modelDeal{
				id: n, amount: rapid.IntRange(-1, 12).Draw(rt, "amount"),
				stage: rapid.SampledFrom(texts).Draw(rt, "stage"), name: rapid.SampledFrom(texts).Draw(rt, "name"),
			}
			deals = append(deals, d)
			o.Deals = append(o.Deals, d.record())
		}
		direct := rig.NewDirect(t, emulator.Options{Org: o})
		criteria := drawCriteria(rt, 3)
		order, compare := drawOrder(rt)
		limit, offset := rapid.IntRange(1, 12).Draw(rt, "limit"), rapid.IntRange(0, 4).Draw(rt, "offset")

		var want []string
		deals = slices.DeleteFunc(deals, func(d modelDeal) bool { return !criteria.holds(d) })
		slices.SortFunc(deals, compare)
		from := min(offset, len(deals))
		to := min(from+limit, len(deals))
		for _, d := range deals[from:to] {
			want = append(want, fmt.Sprint(d.id))
		}
		rest := fmt.Sprintf("Stage from Deals where %s %s limit %d, %d", criteria.text, order, offset, limit)
		got := direct.Must(rt, "POST", "v8/coql", rig.Selecting(rest))
		if ids := rig.IDsOf(t, got); !slices.Equal(ids, want) {
			rt.Fatalf("%s: %v, want %v", rest, ids, want)
		}
		if more := strings.Contains(got, `"more_records":true`); got != "" && more != (to < len(deals)) {
			rt.Fatalf("%s: more records %t of %d", rest, more, len(deals))
		}
		counted := direct.Must(rt, "POST", "v8/coql", rig.Selecting("COUNT(id) from Deals where "+criteria.text))
		if counted != fmt.Sprintf(`{"data":[{"COUNT(id)":%d}],"info":{"count":1,"more_records":false}}`, len(deals)) {
			rt.Fatalf("%s: %s, want %d", criteria.text, counted, len(deals))
		}
	})
}

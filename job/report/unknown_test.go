package report

import (
	"fmt"
	"strings"
	"testing"
)

// The memory for unknown names is bounded, and all rows are counted.
func TestUnknownRolesAreBounded(t *testing.T) {
	t.Parallel()
	var count UnknownCount
	for i := range mostUnknown + 5 {
		count.Add(fmt.Sprint("name ", i))
	}
	count.Add("NAME  3")
	count.Add(strings.Repeat("long", 100))
	u := count.List([]string{"name 4"})
	if len(u.Names) != mostUnknown || u.More != 6 || u.rows() != mostUnknown+7 {
		t.Errorf("%d names, %d more rows of %d", len(u.Names), u.More, u.rows())
	}
	if first := u.Names[0].String(); first != `"name 3" in 2 rows (nearest: name 4)` {
		t.Errorf("the first is %s", first)
	}
	if text := u.String(); !strings.HasSuffix(text, "990 more names, 6 rows with other names") {
		t.Errorf("got %s", text)
	}
	if (&UnknownCount{}).List(nil) != nil {
		t.Error("no row makes a list")
	}
}

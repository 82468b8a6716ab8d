package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
)

// cmdRefuse is: refuse PART, or refuse. Calls with that in their address are answered that they are not permitted;
// without one none are.
func cmdRefuse(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: refuse [PART]")
	}
	w := worldOf(ts)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refuse = strings.Join(args, "")
}

// cmdVanish is: vanish DEAL... It deletes deals, as another user of the org would.
func cmdVanish(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: vanish DEAL...")
	}
	ts.Check(worldOf(ts).vanish(args))
}

func (w *world) vanish(deals []string) error {
	form := url.Values{
		"grant_type": {"refresh_token"}, "client_id": {"other"}, "client_secret": {"s"}, "refresh_token": {"emulator"},
	}
	res, err := http.PostForm(w.server.URL+"/oauth/v2/token", form)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var token struct {
		Access string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&token); err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodDelete, w.server.URL+"/crm/v8/Deals?ids="+strings.Join(deals, ","), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Zoho-oauthtoken "+token.Access)
	if res, err = http.DefaultClient.Do(req); err != nil {
		return err
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK {
		return fmt.Errorf("delete %s: %s: %s", deals, res.Status, body)
	}
	return nil
}

// cmdWorkbook is: workbook FILE. It prints each cell of its first sheet, with its type where that is no text: a line
// for each row, cells joined by " | ". Then what is frozen, filtered and offered.
func cmdWorkbook(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: workbook FILE")
	}
	f, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	sheet := f.GetSheetName(0)
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	ts.Check(err)
	out := ts.Stdout()
	for i, row := range rows {
		for j := range row {
			place, err := excelize.CoordinatesToCellName(j+1, i+1)
			ts.Check(err)
			kind, err := f.GetCellType(sheet, place)
			ts.Check(err)
			if kind != excelize.CellTypeSharedString && kind != excelize.CellTypeInlineString && row[j] != "" {
				row[j] = fmt.Sprintf("%s (type %d)", row[j], kind)
			}
		}
		fmt.Fprintln(out, strings.Join(row, " | "))
	}
	panes, err := f.GetPanes(sheet)
	ts.Check(err)
	offers, err := f.GetDataValidations(sheet)
	ts.Check(err)
	fmt.Fprintf(out, "frozen %v, %d rows\n", panes.Freeze, panes.YSplit)
	for _, o := range offers {
		fmt.Fprintf(out, "offered %s: %s\n", o.Sqref, o.Formula1)
	}
	for _, name := range f.GetDefinedName() {
		if name.Scope == sheet {
			fmt.Fprintf(out, "%s: %s\n", name.Name, name.RefersTo)
		}
	}
	for _, name := range f.GetSheetList()[1:] {
		visible, err := f.GetSheetVisible(name)
		ts.Check(err)
		rows, err := f.GetRows(name)
		ts.Check(err)
		fmt.Fprintf(out, "sheet %s: visible %v, %d rows\n", name, visible, len(rows))
	}
}

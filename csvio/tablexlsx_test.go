package csvio

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// partOf gives a part of a workbook.
func partOf(t *testing.T, workbook []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(z, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func wantIn(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s is not in %.3000s", part, text[strings.Index(text, "<cols>")+1:])
		}
	}
}

func TestWorkbookLayout(t *testing.T) {
	t.Parallel()
	columns := []Column{
		{
			Name: "deal_id",
			Kind: IDColumn,
		}, {Name: "deal_name"}, {Name: "amount", Kind: PlainColumn}, {Name: "note", Width: 12.5},
		{Name: "role", Role: true},
	}
	rows := [][]Value{
		texts("4150868000010000001", "=1+1", "1250.50", "日本語日本語", "Buyer"),
		texts("4150868000010000002", "a\n"+strings.Repeat("x", 30)+"\nb", "12345678901234567", "", ""),
		texts("4150868000010000003", " sp ", "2026-01-31", strings.Repeat("y", 500), "Decision Maker"),
	}
	book := written(
		t,
		columns,
		TableOptions{Format: FormatXLSX, Roles: []string{"Buyer", "Decision Maker", "=R&D"}},
		rows...)
	sheet := partOf(t, book, "xl/worksheets/sheet1.xml")
	wantIn(
		t,
		sheet,
		`<pane activePane="bottomLeft" state="frozen" topLeftCell="A2" ySplit="1"`,
		`<autoFilter ref="$A$1:$E$4"`,
		`<cols><col min="1" max="1" width="26" customWidth="1" style="2"/><col min="2" max="2" width="32" customWidth="1"/><col min="3" max="3" width="19" customWidth="1"/><col min="4" max="4" width="12.5" customWidth="1"/><col min="5" max="5" width="16" customWidth="1"/></cols>`,
		`sqref="E2:E1048576"`,
		`<formula1>"Buyer,Decision Maker,'=R&amp;D"</formula1>`,
		`t="inlineStr"><is><t>zcrm_4150868000010000001</t>`,
		`<is><t>&#39;=1+1</t>`,
		`<v>1250.5</v>`,
		`<is><t>12345678901234567</t>`,
		`<is><t>2026-01-31</t>`,
	)
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{sheetStakeholders}, f.GetSheetList()); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
	for cell, want := range map[string]bool{"A1": true, "A2": false} {
		style, err := f.GetCellStyle(sheetStakeholders, cell)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := f.GetStyle(style); err != nil || (s.Font != nil && s.Font.Bold) != want ||
			!want && s.NumFmt != 49 {
			t.Errorf("the style of %s: %+v, %v", cell, s, err)
		}
	}
}

// A list of roles that does not fit into a drop-down is on a hidden sheet. A Reader does not take this sheet for the
// table.
func TestRolesOnASheet(t *testing.T) {
	t.Parallel()
	for name, roles := range map[string][]string{
		"a comma": {"Buyer, EU", "Seller"}, "a quote": {`The "boss"`},
		"long": strings.Split(strings.Repeat("Decision Maker,", 20)+"x", ","), "spaces": {" Buyer"},
		"no character of XML": {"\x1b[5mBuyer", "Seller\x07"}, // excelize writes U+FFFD instead
	} {
		o := TableOptions{Format: FormatXLSX, Roles: roles}
		book := written(t, exportColumns(), o, texts("1", "a", "", "", "", "", "2", "b", "", "Buyer", "3"))
		f, err := excelize.OpenReader(bytes.NewReader(book))
		if err != nil {
			t.Fatal(err)
		}
		if visible, err := f.GetSheetVisible("roles"); visible || err != nil {
			t.Errorf("%s: the sheet of roles is visible: %v, %v", name, visible, err)
		}
		cells, err := f.GetCols("roles")
		var want []string
		for _, role := range roles {
			want = append(want, strings.NewReplacer("\x1b", "\uFFFD", "\x07", "\uFFFD").Replace(role))
		}
		if err != nil || len(cells) != 1 || !cmp.Equal(cells[0], want) {
			t.Errorf("%s: %q, %v", name, cells, err)
		}
		place := `roles!$A$1:$A$` + itoa(len(roles))
		wantIn(t, partOf(t, book, "xl/worksheets/sheet1.xml"), "<formula1>"+place+"</formula1>", `sqref="J2:J1048576"`)
		wantIn(t, partOf(t, book, "xl/workbook.xml"), `<definedName name="roles">`+place)
		if r := reader(t, string(book), Options{Needs: triple()}); r.Dialect().Sheet != sheetStakeholders ||
			r.Dialect().Sheets != 2 {
			t.Errorf("%s: read %s", name, r.Dialect())
		}
	}
	plain := written(t, exportColumns(), TableOptions{Format: FormatXLSX})
	if sheet := partOf(t, plain, "xl/worksheets/sheet1.xml"); strings.Contains(sheet, "dataValidation") {
		t.Error("without roles there is a drop-down")
	}
}

// A workbook with a guide and a list of roles has its elements in the order of the schema: Excel refuses any other
// (ISO/IEC 29500-1, 18.3.1.99, CT_Worksheet, and 18.2.27, CT_Workbook). The guide and the list are no input.
func TestGuideIsNoInput(t *testing.T) {
	t.Parallel()
	o := TableOptions{
		Format: FormatXLSX, Roles: []string{"Buyer, EU"},
		Guide: [][2]string{{"What you do", "What it means"}, {"Change a role", "deal_id"}},
	}
	row := texts("1", "a", "", "", "", "", "2", "b", "", "Buyer, EU", "3")
	book := written(t, exportColumns(), o, row)
	for part, order := range map[string]string{
		"xl/worksheets/sheet1.xml": "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr " +
			"sheetProtection protectedRanges scenarios autoFilter sortState dataConsolidate customSheetViews " +
			"mergeCells phoneticPr conditionalFormatting dataValidations hyperlinks",
		"xl/worksheets/sheet2.xml": "sheetPr dimension sheetViews sheetFormatPr cols sheetData",
		"xl/worksheets/sheet3.xml": "sheetPr dimension sheetViews sheetFormatPr cols sheetData",
		"xl/workbook.xml": "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups " +
			"externalReferences definedNames calcPr",
	} {
		inOrder(t, partOf(t, book, part), strings.Fields(order))
	}
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows("how to edit")
	if visible, _ := f.GetSheetVisible("how to edit"); err != nil || !visible || len(rows) != len(o.Guide) ||
		rows[1][0] != "Change a role" {
		t.Errorf("guide: visible %v, %q, %v", visible, rows, err)
	}
	if diff := cmp.Diff([]string{sheetStakeholders, "how to edit", "roles"}, f.GetSheetList()); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
	for _, name := range []string{sheetStakeholders, "Q4"} { // people rename sheets, and move them
		err := errors.Join(f.SetSheetName(sheetStakeholders, name), f.MoveSheet("how to edit", name))
		text, e := f.WriteToBuffer()
		if err = errors.Join(err, e); err != nil {
			t.Fatal(err)
		}
		rec := rowsOf(t, text.String(), Options{Needs: triple()})
		if len(rec) != 1 || rec[0].Role != "Buyer, EU" {
			t.Errorf("sheet %s: read %+v", name, rec)
		}
	}
}

// inOrder fails the test unless the children of the root of an XML document have the given order.
func inOrder(t *testing.T, text string, order []string) {
	t.Helper()
	dec, depth, last := xml.NewDecoder(strings.NewReader(text)), 0, -1
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			at := slices.Index(order, e.Name.Local)
			if depth == 1 && at <= last {
				t.Errorf("%s stands after %s", e.Name.Local, order[max(0, last)])
			}
			if depth++; depth == 2 {
				last = at
			}
		case xml.EndElement:
			depth--
		}
	}
}

// The same table is the same file, also if it is large. Nothing stays in the temporary folder.
func TestWorkbookIsTheSameFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const rows = 200 // more text than excelize keeps in memory, which counts bytes
	long := strings.Repeat("日", 30_000)
	var first []byte
	for range 2 {
		var out bytes.Buffer
		w, err := NewTableWriter(
			&out,
			exportColumns(),
			TableOptions{
				Format: FormatXLSX, TempDir: dir, Roles: []string{"a", "b,c"},
				Guide: [][2]string{{"a", "b"}, {"c", "d"}},
			},
		)
		if err != nil {
			t.Fatal(err)
		}
		spilled := false
		for i := range rows {
			row := benchRow(i)
			row[1].Text = long
			if err := w.Write(row); err != nil {
				t.Fatal(err)
			}
			if i == rows-1 {
				spilled = looksPrivate(t, dir)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if !spilled {
			t.Error("all of the sheet stayed in memory")
		}
		if first == nil {
			first = out.Bytes()
		} else if !bytes.Equal(first, out.Bytes()) {
			t.Error("the same table is another file")
		}
	}
	dirIsEmpty(t, dir)
	w, err := NewTableWriter(failing{io.ErrClosedPipe}, exportColumns(), TableOptions{Format: FormatXLSX, TempDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	dirIsEmpty(t, dir)
}

// looksPrivate reports whether a folder has files. It fails the test if others can read one of them.
func looksPrivate(t *testing.T, dir string) (some bool) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := os.Stat(path)
		if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %s", path, info.Mode())
		}
		some = some || !d.IsDir()
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return some
}

// Excel counts UTF-16 units, of which a cell holds 32,767.
func TestLongCells(t *testing.T) {
	t.Parallel()
	const units = 32_767
	for text, fits := range map[string]bool{
		strings.Repeat("x", units): true, strings.Repeat("ä", units): true, strings.Repeat("x", units+1): false,
		strings.Repeat("😀", units/2+1): false,
	} {
		w, err := NewTableWriter(io.Discard, []Column{{Name: "note"}}, TableOptions{Format: FormatXLSX})
		if err != nil {
			t.Fatal(err)
		}
		err = w.Write(texts(text))
		if (err == nil) != fits ||
			err != nil && (!strings.Contains(err.Error(), "column note") || !strings.Contains(err.Error(), "csv")) {
			t.Errorf("%d bytes: %v", len(text), err)
		}
		_ = w.Close()
	}
}

// A result is recognised by its rc_ columns, an export by its eleven; only a
// result may hold long records.
func TestOwnTablesAreUnguarded(t *testing.T) {
	t.Parallel()
	export := strings.Join(Stakeholders().Ours, ",")
	cells := strings.Repeat("'=x,", len(Stakeholders().Ours)-1) + "'=x"
	tests := map[string]struct {
		header, row, want string
	}{
		"an export":               {export, cells, "=x"},
		"one with another column": {export + ",more", cells + ",1", "=x"},
		"one with moved columns":  {"role," + strings.Replace(export, ",role,", ",", 1), cells, "=x"},
		"a column is gone":        {strings.Replace(export, "stage,", "", 1), strings.TrimPrefix(cells, "'=x,"), "'=x"},
		"a column is renamed":     {strings.Replace(export, "stage", "Stage", 1), cells, "'=x"},
		"a result":                {"deal_id,contact_id,role,rc_row", "'=x,'=x,'=x,1", "=x"},
		"a user's file":           {"deal_id,contact_id,role", "'=x,'=x,'=x", "'=x"},
	}
	for name, tt := range tests {
		rec := rowsOf(t, tt.header+"\n"+tt.row+"\n", Options{})[0]
		if rec.Role != tt.want || rec.DealID != "'=x" {
			t.Errorf("%s: role %q, want %q; deal_id %q", name, rec.Role, tt.want, rec.DealID)
		}
		cells := strings.Split(strings.ReplaceAll(tt.row, "'", "&#39;"), ",")
		book := zipped(t, workbookParts(inline(1, strings.Split(tt.header, ",")...)+inline(2, cells...)))
		if rec := rowsOf(t, book, Options{})[0]; rec.Role != tt.want {
			t.Errorf("%s as a workbook: role %q, want %q", name, rec.Role, tt.want)
		}
	}
	line := map[string]string{}
	for _, name := range append(Stakeholders().Ours, "rc_row") {
		line[name] = "'=x"
	}
	text, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	if rec := rowsOf(t, string(text), Options{})[0]; rec.Role != "'=x" {
		t.Errorf("JSON Lines are never guarded, but %q was read", rec.Role)
	}
	long := strings.Repeat("x", maxRecordBytes)
	row := strings.Repeat(",", 9) + "\"" + long + "\","
	if rows := rowsOf(t, export+"\n"+row+"\n", Options{}); rows[0].Malformed == nil {
		t.Error("a long record of an export is a row")
	}
	if rows := rowsOf(t, export+",rc_row\n"+row+",1\n", Options{}); rows[0].Role != long {
		t.Errorf("a long record of a result: %+v", rows[0].Malformed)
	}
}

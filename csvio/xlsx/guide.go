package xlsx

import (
	"strconv"

	"github.com/xuri/excelize/v2"
)

// sheetGuide is the name of the sheet that tells people how to edit the table.
const sheetGuide = "how to edit"

// The widths of the columns of the guide, in characters.
const (
	guideWidth  = 34
	guideWidth2 = 100
)

// addGuide adds the sheet with the guide behind the table. A reader takes the first sheet with the needed columns, and
// the guide has none.
func (x *Writer) addGuide() error {
	if len(x.guide) == 0 {
		return nil
	}
	if _, err := x.file.NewSheet(sheetGuide); err != nil {
		return err
	}
	lines, err := x.file.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	if err != nil {
		return err
	}
	if err := x.file.SetColWidth(sheetGuide, "A", "A", guideWidth); err != nil {
		return err
	}
	if err := x.file.SetColWidth(sheetGuide, "B", "B", guideWidth2); err != nil {
		return err
	}
	for i, row := range x.guide {
		style, line := lines, strconv.Itoa(i+1)
		if i == 0 {
			style = x.bold
		}
		if err := x.file.SetCellStyle(sheetGuide, "A"+line, "B"+line, style); err != nil {
			return err
		}
		if err := x.file.SetSheetRow(sheetGuide, "A"+line, &[]any{row[0], row[1]}); err != nil {
			return err
		}
	}
	return nil
}

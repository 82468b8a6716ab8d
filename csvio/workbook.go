package csvio

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Workbooks are read here and not by excelize: it holds them in memory, and
// gives neither the type nor the number format of a cell while it streams. An
// id that is a number must be told from one that is text, and a date from both.

// Limits on what a workbook may hold beside its cells. Real ones come nowhere
// near; an archive made to exhaust memory or disk ends there.
const (
	maxWorkbookSheets = 1 << 12
	maxPartBytes      = 16 << 30 // of one part, unpacked
	maxPartRatio      = 200      // to which a part may unpack, once it is large
	largePart         = 16 << 20
)

// workbook is an open workbook.
type workbook struct {
	zip      *zip.Reader
	parts    map[string]*zip.File // by name, in lower case
	sheets   []sheetPlace
	strings  string // the part of the shared strings, or ""
	styles   string // the part of the styles, or ""
	date1904 bool
}

// sheetPlace is a sheet as the workbook lists it.
type sheetPlace struct {
	name    string
	part    string // "" for one that is no table, such as a chart
	visible bool
}

// openWorkbook reads what a workbook says about itself.
func openWorkbook(r io.ReaderAt, size int64) (*workbook, *FileError) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, &FileError{Problem: "the file begins like a workbook (XLSX), but is cut off or damaged", Hint: "fetch or save it again, or " + hintSaveAs, Err: err}
	}
	w := &workbook{zip: archive, parts: make(map[string]*zip.File, len(archive.File))}
	for _, f := range archive.File {
		w.parts[partName(f.Name)] = f
	}
	main := "xl/workbook.xml"
	top, err := w.relations("")
	if err != nil {
		return nil, damaged(err)
	}
	for _, rel := range top {
		if strings.HasSuffix(rel.kind, "/officeDocument") {
			main = rel.target
		}
	}
	if problem := w.foreign(main); problem != nil {
		return nil, problem
	}
	if err := w.readMain(main); err != nil {
		return nil, damaged(err)
	}
	return w, nil
}

// partName makes names of parts comparable: they are without case, and some
// programs write them with backslashes or a slash before them.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// foreign says of an archive why it is no workbook that can be read, or gives
// nil.
func (w *workbook) foreign(main string) *FileError {
	switch {
	case strings.HasSuffix(main, ".xml") && w.parts[main] != nil:
		return nil
	case w.parts["xl/workbook.bin"] != nil:
		return &FileError{Problem: "this is a binary workbook (XLSB)", Hint: "save it as Excel workbook (XLSX), or " + hintSaveAs}
	case w.parts["mimetype"] != nil && w.parts["content.xml"] != nil:
		return &FileError{Problem: "this is an OpenDocument file", Hint: "save it as Excel workbook (XLSX), or " + hintSaveAs}
	}
	return &FileError{Problem: "this is a ZIP archive that holds no workbook (XLSX)", Hint: "unpack it, and give the table in it"}
}

// damaged explains a part of a workbook that cannot be read.
func damaged(err error) *FileError {
	if problem, ok := errors.AsType[*FileError](err); ok {
		return problem
	}
	return &FileError{Problem: "the workbook cannot be read", Hint: "open it in a spreadsheet program and save it again, or " + hintSaveAs, Err: err}
}

// readMain reads the list of sheets and where their parts are.
func (w *workbook) readMain(main string) error {
	rels, err := w.relations(main)
	if err != nil {
		return err
	}
	places := make(map[string]relation, len(rels))
	for _, rel := range rels {
		places[rel.id] = rel
		switch {
		case strings.HasSuffix(rel.kind, "/sharedStrings"):
			w.strings = rel.target
		case strings.HasSuffix(rel.kind, "/styles"):
			w.styles = rel.target
		}
	}
	return w.each(main, func(element xml.StartElement) error {
		switch element.Name.Local {
		case "workbookPr":
			w.date1904 = isTrue(attribute(element, "date1904"))
		case "sheet":
			sheet := sheetPlace{name: attribute(element, "name")}
			state := attribute(element, "state")
			sheet.visible = state == "" || state == "visible"
			if rel := places[spacedAttribute(element, "id")]; strings.HasSuffix(rel.kind, "/worksheet") {
				sheet.part = rel.target
			}
			if w.sheets = append(w.sheets, sheet); len(w.sheets) > maxWorkbookSheets {
				return fmt.Errorf("it has more than %d sheets", maxWorkbookSheets)
			}
		}
		return nil
	})
}

// choose gives the sheet to read: the visible one of the preferred name, else
// the first visible one.
func (w *workbook) choose(preferred string) (sheetPlace, *FileError) {
	var first *sheetPlace
	for i := range w.sheets {
		switch sheet := &w.sheets[i]; {
		case sheet.part == "" || !sheet.visible:
		case preferred != "" && strings.EqualFold(sheet.name, preferred):
			return *sheet, nil
		case first == nil:
			first = sheet
		}
	}
	if first == nil {
		return sheetPlace{}, &FileError{Problem: "the workbook has no visible sheet with cells", Hint: "show the sheet that is meant, and save it again"}
	}
	return *first, nil
}

// others gives the names of the other sheets that could be meant.
func (w *workbook) others(than sheetPlace) []string {
	var names []string
	for _, sheet := range w.sheets {
		if sheet.visible && sheet.part != "" && sheet != than {
			names = append(names, sheet.name)
		}
	}
	return names
}

// relation says where a part is that another one refers to.
type relation struct{ id, kind, target string }

// relations gives what a part refers to; "" is the whole archive.
func (w *workbook) relations(of string) ([]relation, error) {
	dir, file := path.Split(of)
	name := dir + "_rels/" + file + ".rels"
	if w.parts[name] == nil {
		return nil, nil
	}
	var rels []relation
	err := w.each(name, func(element xml.StartElement) error {
		if element.Name.Local != "Relationship" {
			return nil
		}
		if len(rels) > 4*maxWorkbookSheets {
			return fmt.Errorf("%s is too long", name)
		}
		target := attribute(element, "Target")
		if !strings.HasPrefix(target, "/") {
			target = dir + target
		}
		rels = append(rels, relation{attribute(element, "Id"), attribute(element, "Type"), partName(path.Clean(target))})
		return nil
	})
	return rels, err
}

// each goes through the elements of a part.
func (w *workbook) each(name string, visit func(xml.StartElement) error) error {
	p, err := w.open(name)
	if err != nil {
		return err
	}
	defer p.close()
	for {
		token, err := p.token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if element, ok := token.(xml.StartElement); ok {
			if err := visit(element); err != nil {
				return err
			}
		}
	}
}

// attribute gives the value of an attribute without a prefix, or "".
func attribute(element xml.StartElement, name string) string {
	for i := range element.Attr {
		if a := &element.Attr[i]; a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// spacedAttribute gives the value of an attribute with a prefix, or "". The
// prefix is the file's to choose.
func spacedAttribute(element xml.StartElement, name string) string {
	for i := range element.Attr {
		if a := &element.Attr[i]; a.Name.Local == name && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

func isTrue(value string) bool { return value == "1" || value == "true" }

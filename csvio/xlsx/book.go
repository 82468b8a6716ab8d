package xlsx

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"rolecall/csvio/alike"
)

// maxSheets bounds the sheets of a workbook, against archives that are made to exhaust memory. Real workbooks have far
// fewer.
const maxSheets = 1 << 12

// Book is an open workbook.
type Book struct {
	parts    map[string]*zip.File // by name, in lower case
	sheets   []sheet
	strings  string // name of the part with the shared strings, or ""
	styles   string // name of the part with the styles, or ""
	date1904 bool
	texts    *sharedStrings
	formats  []numberFormat // of each style of a cell
}

// Open opens a workbook. dir is the folder for what does not fit in memory; "" is the system's. The caller closes the
// Book, then src.
func Open(src *Source, dir string) (*Book, error) {
	b, err := openBook(src)
	if err != nil {
		return nil, err
	}
	b.formats, err = b.readStyles()
	if err == nil {
		b.texts, err = b.readStrings(dir)
	}
	if err != nil {
		_ = b.Close()
		return nil, damaged(err)
	}
	return b, nil
}

// Close frees what the Book holds.
func (b *Book) Close() error { return b.texts.close() }

// Sheets returns how many sheets the workbook has.
func (b *Book) Sheets() int { return len(b.sheets) }

// Shown returns the names of the visible sheets with cells, in their order.
func (b *Book) Shown() []string {
	var names []string
	for _, s := range b.sheets {
		if s.visible && s.part != "" {
			names = append(names, s.name)
		}
	}
	return names
}

// Named returns the name of the sheet that the user names. ok is false if there is no such sheet with cells. A hidden
// sheet may be named too.
func (b *Book) Named(name string) (full string, ok bool) {
	for _, s := range b.sheets {
		if s.part != "" && alike.Key(s.name) == alike.Key(name) {
			return s.name, true
		}
	}
	return "", false
}

// sheet is a sheet as the workbook lists it.
type sheet struct {
	name    string
	part    string // "" for a sheet that is no table, such as a chart
	visible bool
}

// openBook reads the list of sheets.
func openBook(src *Source) (*Book, error) {
	archive, err := zip.NewReader(src, src.size)
	if err != nil {
		return nil, &Error{
			Problem: "the file begins like a workbook (XLSX), but is cut off or damaged",
			Hint:    "fetch or save it again, or " + SaveAsCSV, Err: err,
		}
	}
	b := &Book{parts: make(map[string]*zip.File, len(archive.File))}
	for _, f := range archive.File {
		b.parts[partName(f.Name)] = f
	}
	main := "xl/workbook.xml"
	top, err := b.relations("")
	if err != nil {
		return nil, damaged(err)
	}
	for _, rel := range top {
		if strings.HasSuffix(rel.kind, "/officeDocument") {
			main = rel.target
		}
	}
	if !strings.HasSuffix(main, ".xml") || b.parts[main] == nil {
		return nil, b.foreign()
	}
	if err := b.readMain(main); err != nil {
		return nil, damaged(err)
	}
	return b, nil
}

// partName makes names of parts comparable: case does not count, and some programs write backslashes or a slash at
// the beginning.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// foreign returns the error for an archive that is no workbook.
func (b *Book) foreign() *Error {
	const hint = "save it as Excel workbook (XLSX), or " + SaveAsCSV
	switch {
	case b.parts["xl/workbook.bin"] != nil:
		return &Error{Problem: "this is a binary workbook (XLSB)", Hint: hint}
	case b.parts["mimetype"] != nil && b.parts["content.xml"] != nil:
		return &Error{Problem: "this is an OpenDocument file", Hint: hint}
	}
	return &Error{
		Problem: "this is a ZIP archive that holds no workbook (XLSX)", Hint: "unpack it, and give the table in it",
	}
}

// readMain reads the list of sheets and the names of their parts.
func (b *Book) readMain(main string) error {
	rels, err := b.relations(main)
	if err != nil {
		return err
	}
	byID := make(map[string]relation, len(rels))
	for _, rel := range rels {
		byID[rel.id] = rel
		switch {
		case strings.HasSuffix(rel.kind, "/sharedStrings"):
			b.strings = rel.target
		case strings.HasSuffix(rel.kind, "/styles"):
			b.styles = rel.target
		}
	}
	return b.each(main, func(element xml.StartElement) error {
		switch element.Name.Local {
		case "workbookPr":
			b.date1904 = isTrue(attribute(element, "date1904"))
		case "sheet":
			s := sheet{name: attribute(element, "name")}
			state := attribute(element, "state")
			s.visible = state == "" || state == "visible"
			if rel := byID[prefixedAttribute(element, "id")]; strings.HasSuffix(rel.kind, "/worksheet") {
				s.part = rel.target
			}
			if b.sheets = append(b.sheets, s); len(b.sheets) > maxSheets {
				return fmt.Errorf("it has more than %d sheets", maxSheets)
			}
		}
		return nil
	})
}

// First returns the sheet to read if the user names none: the visible one of the preferred name, else the first
// visible one.
func (b *Book) First(preferred string) (string, error) {
	shown := b.Shown()
	if len(shown) == 0 {
		return "", &Error{
			Problem: "the workbook has no visible sheet with cells",
			Hint:    "show the sheet that has the table, and save the workbook",
		}
	}
	for _, name := range shown {
		if preferred != "" && alike.Key(name) == alike.Key(preferred) {
			return name, nil
		}
	}
	return shown[0], nil
}

// relation is a reference of a part to another part.
type relation struct{ id, kind, target string }

// relations returns what a part refers to; "" is the whole archive.
func (b *Book) relations(of string) ([]relation, error) {
	dir, file := path.Split(of)
	name := dir + "_rels/" + file + ".rels"
	if b.parts[name] == nil {
		return nil, nil
	}
	var rels []relation
	err := b.each(name, func(element xml.StartElement) error {
		if element.Name.Local != "Relationship" {
			return nil
		}
		if len(rels) > 4*maxSheets {
			return fmt.Errorf("%s is too long", name)
		}
		target := attribute(element, "Target")
		if !strings.HasPrefix(target, "/") {
			target = dir + target
		}
		target = partName(path.Clean(target))
		rels = append(rels, relation{attribute(element, "Id"), attribute(element, "Type"), target})
		return nil
	})
	return rels, err
}

// each visits the elements of a part.
func (b *Book) each(name string, visit func(xml.StartElement) error) error {
	p, err := b.open(name)
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

// attribute returns the value of an attribute without a prefix, or "".
func attribute(element xml.StartElement, name string) string {
	for i := range element.Attr {
		if a := &element.Attr[i]; a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// prefixedAttribute returns the value of an attribute with a prefix, or "". Each file chooses its own prefixes.
func prefixedAttribute(element xml.StartElement, name string) string {
	for i := range element.Attr {
		if a := &element.Attr[i]; a.Name.Local == name && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

func isTrue(value string) bool { return value == "1" || value == "true" }

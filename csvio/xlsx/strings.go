package xlsx

import (
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// maxStringsHeld is how many bytes of shared strings stay in memory: the first ones, which are used most.
const maxStringsHeld = 4 << 20

// sharedStrings are the texts that the cells of a workbook refer to by number. Texts that are not in memory are in two
// files: one has the texts end to end, the other the offsets where each text begins and ends.
type sharedStrings struct {
	dir   string
	held  []string
	bytes int

	texts, index *tempFile // nil while all texts are in memory
	size         uint64    // of the texts in the file
	count        int       // of the texts in the file
}

// readStrings reads all shared strings once.
func (b *Book) readStrings(dir string) (*sharedStrings, error) {
	s := &sharedStrings{dir: dir}
	if b.strings == "" || b.parts[b.strings] == nil {
		return s, nil
	}
	p, err := b.open(b.strings)
	if err != nil {
		return s, err
	}
	defer p.close()
	var item richText
	for {
		token, err := p.token()
		if errors.Is(err, io.EOF) {
			return s, s.flush()
		}
		if err != nil {
			return s, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local == "si" {
				item.reset()
			}
			item.start(t.Name.Local)
		case xml.CharData:
			err = item.add(t)
		case xml.EndElement:
			item.end(t.Name.Local)
			if t.Name.Local == "si" {
				err = s.add(item.text)
			}
		}
		if err != nil {
			return s, err
		}
	}
}

// richText collects the text of an element. The text may come in runs, each with its own escapes. Notes on the
// pronunciation are left out.
type richText struct {
	text     []byte
	run      []byte
	inText   bool
	phonetic bool
}

func (r *richText) reset() { *r = richText{text: r.text[:0], run: r.run[:0]} }

func (r *richText) start(name string) {
	switch name {
	case "rPh":
		r.phonetic = true
	case "t":
		r.inText, r.run = !r.phonetic, r.run[:0]
	}
}

func (r *richText) add(text []byte) error {
	if !r.inText {
		return nil
	}
	if r.run = append(r.run, text...); len(r.text)+len(r.run) > maxTextBytes {
		return fmt.Errorf("a text of it is longer than %d KiB", maxTextBytes>>10)
	}
	return nil
}

func (r *richText) end(name string) {
	switch {
	case name == "rPh":
		r.phonetic = false
	case name == "t" && r.inText:
		r.inText = false
		r.text = append(r.text, unescape(string(r.run))...)
	}
}

func (s *sharedStrings) add(text []byte) error {
	if s.texts == nil {
		const header = 16 // of a string in memory
		if s.bytes += len(text) + header; s.bytes <= maxStringsHeld {
			s.held = append(s.held, string(text))
			return nil
		}
		var err error
		if s.texts, err = newTempFile(s.dir); err != nil {
			return err
		}
		if s.index, err = newTempFile(s.dir); err != nil {
			return err
		}
	}
	var entry [16]byte
	binary.LittleEndian.PutUint64(entry[:8], s.size)
	s.size += uint64(len(text))
	s.count++
	binary.LittleEndian.PutUint64(entry[8:], s.size)
	_, err := s.texts.Write(text)
	_, e := s.index.Write(entry[:])
	return errors.Join(err, e)
}

// flush ends the writing.
func (s *sharedStrings) flush() error {
	if s.texts == nil {
		return nil
	}
	return errors.Join(s.texts.Flush(), s.index.Flush())
}

// at returns the text of a number.
func (s *sharedStrings) at(n int) (string, error) {
	switch {
	case n < 0 || n >= len(s.held)+s.count:
		return "", fmt.Errorf("a cell refers to text %d of %d", n, len(s.held)+s.count)
	case n < len(s.held):
		return s.held[n], nil
	}
	var entry [16]byte
	_, err := s.index.file.ReadAt(entry[:], int64(n-len(s.held))*int64(len(entry)))
	from, to := binary.LittleEndian.Uint64(entry[:8]), binary.LittleEndian.Uint64(entry[8:])
	if err != nil || to < from || to-from > maxTextBytes {
		return "", errors.Join(errTexts, err)
	}
	text := make([]byte, to-from)
	//nolint:gosec // an offset in a file fits an int64
	if _, err := s.texts.file.ReadAt(text, int64(from)); err != nil {
		return "", errors.Join(errTexts, err)
	}
	return string(text), nil
}

var errTexts = errors.New("the shared strings cannot be read back")

func (s *sharedStrings) close() error {
	if s == nil || s.texts == nil {
		return nil
	}
	err := s.texts.close()
	if s.index != nil {
		err = errors.Join(err, s.index.close())
	}
	return err
}

package csvio

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

const benchRows = 100_000

// table makes a file of triples: width columns, some of the cells in quotes.
func table(width int, quoted bool) string {
	var b strings.Builder
	b.WriteString("deal_id,contact_id,role")
	for i := 3; i < width; i++ {
		fmt.Fprintf(&b, ",column %d", i)
	}
	b.WriteByte('\n')
	for i := range benchRows {
		role := "Decision Maker"
		if quoted {
			role = `"Decision ""Maker"", EU"`
		}
		fmt.Fprintf(&b, "%d,%d,%s", 4150868000010000001+i, 4150868000020000001+i, role)
		for i := 3; i < width; i++ {
			b.WriteString(",some text")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func benchTables() map[string]string {
	return map[string]string{
		"3plain":   table(3, false),
		"3quoted":  table(3, true),
		"20plain":  table(20, false),
		"20quoted": table(20, true),
	}
}

func perRow(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
}

// BenchmarkRead reads tables, and asks for the value of each field in every row.
func BenchmarkRead(b *testing.B) {
	fields := Stakeholders().Fields()
	for name, text := range benchTables() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, err := NewReader(strings.NewReader(text), Options{Vocabulary: Stakeholders(), Needs: triple()})
				if err != nil {
					b.Fatal(err)
				}
				for {
					if _, err := r.Read(); err != nil {
						if !errors.Is(err, io.EOF) {
							b.Fatal(err)
						}
						break
					}
					for _, f := range fields {
						_ = r.Value(f)
					}
				}
			}
			perRow(b)
		})
	}
}

// resultColumns are the columns of a job that assigns roles.
func resultColumns() []string {
	return append(ResultColumns(), "rc_deal_id", "rc_contact_id", "rc_role_id", "rc_prior_role")
}

func benchResult() []string {
	return []string{
		"17", "assigned", "success", "SUCCESS", "relation added", `{"id":4150868000020000001}`, "200", "1",
		"4150868000010000001", "4150868000020000001", "4150868000000006871", "",
	}
}

// result gives a row of results in which only the named columns have a text.
func result(texts map[string]string) []string {
	columns := resultColumns()
	row := make([]string, len(columns))
	for i, name := range columns {
		row[i] = texts[name]
	}
	return row
}

func BenchmarkWriteResults(b *testing.B) {
	cells := []string{"4150868000010000001", "4150868000020000001", "Decision Maker"}
	res := benchResult()
	b.ReportAllocs()
	for b.Loop() {
		w := NewResultWriter(io.Discard, []string{"deal_id", "contact_id", "role"}, resultColumns())
		for range benchRows {
			if err := w.Write(cells, res); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
	perRow(b)
}

func BenchmarkParseID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseID("zcrm_4150868000010000001"); err != nil {
			b.Fatal(err)
		}
	}
}

// The memory of a reader does not grow with the number of rows. The file is far longer than the reader may hold.
func TestMemoryIsFlat(t *testing.T) {
	t.Parallel()
	text := table(3, false)
	r := reader(t, text, Options{Needs: triple()})
	for {
		if _, err := r.Read(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if got := len(r.split.buf); got > 4*maxRecordBytes {
		t.Errorf("the text buffer has grown to %d bytes", got)
	}
}

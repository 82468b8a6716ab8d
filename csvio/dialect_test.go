package csvio

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
)

func TestDelimiter(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text  string
		o     Options
		want  rune
		found string
	}{
		"comma": {
			"deal_id,contact_id,role\n1,2,a\n",
			Options{Vocabulary: Stakeholders(), Needs: triple()},
			',',
			"needed columns",
		},
		"semicolon": {
			"deal_id;contact_id;role\n1;2;a,b\n",
			Options{Vocabulary: Stakeholders(), Needs: triple()},
			';',
			"needed columns",
		},
		"tab": {
			"deal_id\tcontact_id\trole\n",
			Options{Vocabulary: Stakeholders(), Needs: triple()},
			'\t',
			"needed columns",
		},
		"bar": {
			"deal_id|contact_id|role\n",
			Options{Vocabulary: Stakeholders(), Needs: triple()},
			'|',
			"needed columns",
		},
		"more commas than needed": {
			"deal_id;contact_id;role;a,b,c,d,e,f\n1;2;a;x\n",
			Options{Vocabulary: Stakeholders(), Needs: triple()},
			';',
			"needed columns",
		},
		"mapped names count": {
			"a;b;c,deal_id,contact_id\n",
			Options{Needs: [][]Field{{Role}}, Map: map[Field]string{Role: "b"}},
			';',
			"needed columns",
		},
		"given": {"a;b\n1;2\n", Options{Delimiter: ','}, ',', "--delimiter"},
		"given, of two bytes": {
			"deal_id§contact_id§role\n1§\"2\"§a\n",
			Options{Delimiter: '§', Vocabulary: Stakeholders(), Needs: triple()},
			'§',
			"--delimiter",
		},
		"given, a letter": {
			"deal_idxcontact_idxrole\n1x\"2\"xa\n",
			Options{Delimiter: 'x', Vocabulary: Stakeholders(), Needs: triple()},
			'x',
			"--delimiter",
		},
		"sep line": {
			"sep=;\ndeal_id;contact_id;role\n",
			Options{Vocabulary: Stakeholders(), Needs: triple()},
			';',
			"sep=",
		},
		"sep line quoted": {
			"\"SEP=^\"\r\ndeal_id^contact_id^role\n",
			Options{Vocabulary: Stakeholders(), Needs: triple()},
			'^',
			"sep=",
		},
		"sep line overridden": {
			"sep=;\ndeal_id,contact_id,role\n",
			Options{Vocabulary: Stakeholders(), Needs: triple(), Delimiter: ','},
			',',
			"--delimiter",
		},
		"tie: constancy":          {"a,b;c\n1,2;3\nx;y,y,y\nz;1\n", Options{}, ';', "most regular"},
		"tie: one column is none": {"a|b\n1|2,3|4\n1|2\n1|2\n", Options{}, '|', "most regular"},
		"tie with needs": {
			"deal_id,x;y|deal_id\n1,2|3\n1,2|3|4\n",
			Options{Needs: [][]Field{{DealID}}, Vocabulary: Stakeholders()},
			',',
			"most regular",
		},
		"one column": {
			"deal_id\n1\n2\n",
			Options{Needs: [][]Field{{DealID}}, Vocabulary: Stakeholders()},
			',',
			"one column",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := reader(t, tt.text, tt.o)
			d := r.Dialect()
			if d.Delimiter != tt.want || !strings.Contains(d.DelimiterFound, tt.found) {
				t.Errorf("delimiter %q (%s), want %q (%s)", d.Delimiter, d.DelimiterFound, tt.want, tt.found)
			}
			if _, err := readAll(r); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSepLineCounts(t *testing.T) {
	t.Parallel()
	rows := rowsOf(
		t,
		"\ufeffsep=;\r\ndeal_id;contact_id;role\r\n1;2;a\r\n",
		Options{Vocabulary: Stakeholders(), Needs: triple()},
	)
	if diff := cmp.Diff([]string{"1@3 1|2|a"}, brief(rows)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestDelimiterOfTwoBytes(t *testing.T) {
	t.Parallel()
	rows := rowsOf(
		t,
		"deal_id§contact_id§role\n1§\"2§\"\"\n\"§a\n3§4§b\n5§\"6\"x§c\n",
		Options{Vocabulary: Stakeholders(), Needs: triple(), Delimiter: '§'},
	)
	want := []string{"1@2 1|2§\"\n|a", "2@4 3|4|b", "3@5 !5|6\"x§c|"}
	if diff := cmp.Diff(want, brief(rows)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func utf16Bytes(order binary.AppendByteOrder, text string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	text := "deal_id,contact_id,role\n1,2,Käufer – 決裁者 😀 \ufffd\n"
	latin := "deal_id,contact_id,role\n1,2,Käufer – €\n"
	cp1252, err := charmap.Windows1252.NewEncoder().String(latin)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		bytes, encoding, want, role string
	}{
		"UTF-8":        {text, "", "utf-8", "Käufer – 決裁者 😀 \ufffd"},
		"UTF-8, mark":  {"\ufeff" + text, "", "utf-8", "Käufer – 決裁者 😀 \ufffd"},
		"UTF-8, named": {text, "UTF8", "utf-8", "Käufer – 決裁者 😀 \ufffd"},
		"UTF-16 LE": {
			utf16Bytes(binary.LittleEndian, "\ufeff"+text),
			"",
			"utf-16le",
			"Käufer – 決裁者 😀 \ufffd",
		},
		"UTF-16 BE": {utf16Bytes(binary.BigEndian, "\ufeff"+text), "", "utf-16be", "Käufer – 決裁者 😀 \ufffd"},
		"UTF-16, no mark": {
			utf16Bytes(binary.LittleEndian, text),
			"UTF-16LE",
			"utf-16le",
			"Käufer – 決裁者 😀 \ufffd",
		},
		"UTF-16 BE, no mark": {
			utf16Bytes(binary.BigEndian, text), "utf-16be", "utf-16be", "Käufer – 決裁者 😀 \ufffd",
		},
		"mark against a name":  {"\ufeff" + latin, "windows-1252", "utf-8", "Käufer – €"},
		"windows-1252":         {cp1252, "windows-1252", "windows-1252", "Käufer – €"},
		"windows-1252 by IANA": {cp1252, "cp1252", "windows-1252", "Käufer – €"},
		"IBM437":               {"deal_id,contact_id,role\n1,2,K\x84ufer\n", "IBM437", "ibm437", "Käufer"},
		"Shift JIS":            {"deal_id,contact_id,role\n1,2,\x8c\x88\x8d\xd9\n", "shift_jis", "shift_jis", "決裁"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Options{Encoding: tt.encoding, Vocabulary: Stakeholders(), Needs: triple()}
			r := reader(t, tt.bytes, o)
			if got := r.Dialect().Encoding; got != tt.want {
				t.Errorf("encoding %q, want %q", got, tt.want)
			}
			rows, err := readAll(r)
			if err != nil || len(rows) != 1 || rows[0].Role != tt.role {
				t.Errorf("rows %v, error %v, want role %q", rows, err, tt.role)
			}
		})
	}
}

func TestInvalidInItsEncoding(t *testing.T) {
	t.Parallel()
	mark := utf16Bytes(binary.LittleEndian, "\ufeff"+head+"1,2,a\n3,4,")
	for name, tt := range map[string]struct{ bytes, encoding string }{
		"lone low surrogate":  {mark + "\x00\xdc\n\x00", ""},
		"high before a line":  {mark + "\x00\xd8\n\x00", ""},
		"high at the end":     {mark + "\x00\xd8", ""},
		"half a unit":         {mark + "a", ""},
		"Shift JIS, cut pair": {head + "1,2,a\n3,4,\x8c", "shift_jis"},
		"EUC-KR, undefined":   {head + "1,2,a\n3,4,\xc9\xff\n", "euc-kr"},
	} {
		problem, rows := fileError(
			t,
			tt.bytes,
			Options{Encoding: tt.encoding, Vocabulary: Stakeholders(), Needs: triple()},
		)
		if len(rows) != 1 || problem.Line != 3 || !strings.Contains(problem.Error(), "--encoding") {
			t.Errorf("%s: %d rows, line %d, %v", name, len(rows), problem.Line, problem)
		}
	}
}

func TestQuotedHeaderAfterMark(t *testing.T) {
	t.Parallel()
	r := reader(
		t,
		"\ufeff\"deal_id\",\"contact_id\",\"role\"\n1,2,a\n",
		Options{Vocabulary: Stakeholders(), Needs: triple()},
	)
	if diff := cmp.Diff([]string{"deal_id", "contact_id", "role"}, r.Header()); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGzip(t *testing.T) {
	t.Parallel()
	two := packed(t, "\ufeff"+head+"1,2,a\n3,") + packed(t, "4,b\n")
	r := reader(t, two, Options{Needs: triple()})
	rows, err := readAll(r)
	if diff := cmp.Diff([]string{"1@2 1|2|a", "2@3 3|4|b"}, brief(rows)); diff != "" || err != nil {
		t.Errorf("error %v, rows (-want +got):\n%s", err, diff)
	}
	if got, want := r.Dialect().String(), `utf-8, gzip, delimiter "," (the needed columns are found under it)`; got != want {
		t.Errorf("dialect %q, want %q", got, want)
	}
	if r := reader(t, packed(t, ""), Options{}); !r.Empty() {
		t.Error("an empty archive is not empty")
	}
}

// The dialect names the options that have no effect on its format.
func TestOptionsThatDoNotApplyAreNamed(t *testing.T) {
	t.Parallel()
	all := Options{Sheet: "x", Delimiter: ';', HeaderRow: 1}
	for name, tt := range map[string]struct {
		text  string
		flags []string
	}{
		"CSV":        {"deal_id;role\n1;a\n", []string{"--sheet"}},
		"JSON Lines": {`{"deal_id":1}`, []string{"--sheet", "--delimiter", "--header-row"}},
		"JSON":       {`[{"deal_id":1}]`, []string{"--sheet", "--delimiter", "--header-row"}},
	} {
		got := reader(t, tt.text, all).Dialect().String()
		for _, flag := range tt.flags {
			if !strings.Contains(got, flag+" has no effect") {
				t.Errorf("%s: %s lacks %s", name, got, flag)
			}
		}
	}
}

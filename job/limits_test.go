package job

import "testing"

func TestErrorLimit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text             string
		failed, finished int64
		exceeded         bool
	}{
		{"", 1000, 1000, false},
		{"0", 0, 10, false},
		{"0", 1, 10, true},
		{"5", 5, 5, false},
		{"5", 6, 10_000, true},
		{"10%", 99, 99, false}, // a percentage counts from row 100 on
		{"10%", 10, 100, false},
		{"10%", 11, 100, true},
		{"0.5%", 5, 1000, false},
		{"0.5%", 6, 1000, true},
		{"100%", 1000, 1000, false},
	} {
		var l ErrorLimit
		if err := l.UnmarshalText([]byte(test.text)); err != nil {
			t.Fatal(err)
		}
		if got := l.exceeded(test.failed, test.finished); got != test.exceeded {
			t.Errorf("%q: %d of %d rows exceed it: %v", test.text, test.failed, test.finished, got)
		}
		if l.String() != test.text {
			t.Errorf("%q is kept as %q", test.text, l)
		}
	}
	for _, bad := range []string{"-1", "x", "1.5", "%", "-1%", "101%", "NaN%", "1 %", "9223372036854775808"} {
		if l, err := ParseErrorLimit(bad); err == nil {
			t.Errorf("%q is read as %v", bad, l)
		}
	}
}

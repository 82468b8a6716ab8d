package job

import (
	"encoding/json"
	"testing"
)

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
		var l Threshold
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
		if l, err := ParseThreshold(bad); err == nil {
			t.Errorf("%q is read as %v", bad, l)
		}
	}
}

// Of returns the number of a threshold. Only a percentage needs the whole.
func TestThresholdOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		of       int64
		relative bool
	}{
		"":        {0, false},
		"0":       {0, false},
		"700":     {700, false},
		"5000000": {5_000_000, false}, // more than there is: the caller decides
		"0%":      {0, true},
		"10%":     {5_000, true},
		"0.5%":    {250, true},
		"25%":     {12_500, true},
		"100%":    {50_000, true},
	} {
		var l Threshold
		if err := l.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if got := l.Of(50_000); got != want.of || l.Relative() != want.relative || l.Set != (text != "") {
			t.Errorf("%q: %d of 50000, relative %v, set %v", text, got, l.Relative(), l.Set)
		}
	}
}

// run.db stores a threshold as the user typed it.
func TestThresholdIsKept(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "0", "12", "9223372036854775807", "0%", "7%", "0.25%", "100%"} {
		before := Settings{}
		if err := before.Reserve.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(before)
		if err != nil {
			t.Fatal(err)
		}
		var after Settings
		err = json.Unmarshal(b, &after)
		if err != nil || after.Reserve != before.Reserve || after.Reserve.String() != text {
			t.Errorf("%q came back as %+v from %s, %v", text, after.Reserve, b, err)
		}
	}
}

// A percentage of a number of credits has no rounding error of floating-point numbers.
func TestThresholdOfIsExact(t *testing.T) {
	t.Parallel()
	for percent := range int64(101) {
		l := Threshold{Percent: float64(percent), Number: -1, Set: true}
		if got := l.Of(50_000); got != percent*500 {
			t.Errorf("%d%% of 50000 is %d", percent, got)
		}
	}
	if l, err := ParseThreshold("33.3%"); err != nil || l.Of(50_000) != 16_650 {
		t.Errorf("33.3%% of 50000 is %d, %v", l.Of(50_000), err)
	}
}

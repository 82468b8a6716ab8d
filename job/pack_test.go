package job

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func drawID(t *rapid.T, label string) recordID {
	if rapid.Bool().Draw(t, label+" is any") {
		return newID(rapid.StringMatching(`[0-9]{0,20}`).Draw(t, label))
	}
	return recordID{n: rapid.SampledFrom([]int64{1, 2, math.MaxInt64 - 1, math.MaxInt64, 4150868000010000001}).Draw(t, label)}
}

func drawText(t *rapid.T, label string) string {
	return rapid.OneOf(rapid.Just(""), rapid.String()).Draw(t, label)
}

// unpacked reads all records of b.
func unpacked[T any](b []byte, unpack func(*unpacker, *T) T) (all []T, err error) {
	u := unpacker{b: b}
	var before T
	for u.more() {
		before = unpack(&u, &before)
		all = append(all, before)
	}
	return all, u.err
}

// packed packs records as the store does, checks that they come back as they were, and that what is cut short is an error and never a panic.
func packed[T comparable](t *rapid.T, all []T, pack func([]byte, *T, *T) []byte, unpack func(*unpacker, *T) T) {
	var b []byte
	var before T
	for _, r := range all {
		b = pack(b, &r, &before)
		before = r
	}
	got, err := unpacked(b, unpack)
	if err != nil || !slices.Equal(got, all) {
		t.Fatalf("packed %+v, came back as %+v, %v", all, got, err)
	}
	cut := rapid.IntRange(0, len(b)).Draw(t, "cut at")
	if got, err := unpacked(b[:cut], unpack); err == nil && !slices.Equal(got, all[:len(got)]) || err != nil && !errors.Is(err, errPacked) {
		t.Fatalf("cut at %d of %d: %+v, %v", cut, len(b), got, err)
	}
}

func TestSurveyedRowsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var rows []surveyedRow
		for n := range rapid.Int64Range(0, 5).Draw(t, "rows") {
			r := surveyedRow{row: n + 1, line: 2 + n*rapid.Int64Range(1, 100).Draw(t, "lines"), deal: drawID(t, "deal"), contact: drawID(t, "contact"), role: rapid.Int64Range(0, math.MaxInt64).Draw(t, "role")}
			if rapid.Bool().Draw(t, "bad") {
				r.code, r.message, r.detail = CodeIDInvalid, drawText(t, "message"), drawText(t, "detail")
			}
			rows = append(rows, r)
		}
		slices.SortFunc(rows, func(a, b surveyedRow) int { return int(a.line - b.line) })
		for i := range rows {
			rows[i].row = int64(i + 1)
		}
		packed(t, rows, packSurveyed, unpackSurveyed)
	})
}

func TestOrderedRowsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var rows []orderedRow
		for range rapid.IntRange(0, 5).Draw(t, "rows") {
			rows = append(rows, orderedRow{dealRow{rapid.Int64Range(1, 1<<40).Draw(t, "row"), drawID(t, "contact"), rapid.Int64Range(0, 100).Draw(t, "role"), rapid.Bool().Draw(t, "bad")}, drawID(t, "deal")})
		}
		packed(t, rows, packOrdered, unpackOrdered)
	})
}

func TestOutcomesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var outcomes []storedOutcome
		for range rapid.IntRange(0, 5).Draw(t, "outcomes") {
			outcomes = append(outcomes, storedOutcome{
				row: rapid.Int64Range(1, 1<<40).Draw(t, "row"), number: rapid.Int64Range(1, 1<<40).Draw(t, "answer"),
				attempts: rapid.Int64Range(0, 1000).Draw(t, "attempts"), sameAs: rapid.SampledFrom([]int64{0, 0, 7}).Draw(t, "same as"),
				details: drawText(t, "details"), prior: drawText(t, "prior"),
			})
		}
		packed(t, outcomes, packOutcome, unpackOutcome)
	})
}

// FuzzUnpack: what is no packed record is an error, never a panic or an endless loop.
func FuzzUnpack(f *testing.F) {
	f.Add([]byte{})
	f.Add(packSurveyed(nil, &surveyedRow{row: 1, line: 2, deal: recordID{n: 5}, contact: recordID{text: "00012"}, code: CodeIDInvalid}, &surveyedRow{}))
	f.Add(packOutcome(nil, &storedOutcome{row: 3, details: `{"id":"7"}`, prior: "Purchasing", number: 1}, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		rows, err1 := unpacked(b, unpackSurveyed)
		ordered, err2 := unpacked(b, unpackOrdered)
		outcomes, err3 := unpacked(b, unpackOutcome)
		for _, err := range []error{err1, err2, err3} {
			if err != nil && !errors.Is(err, errPacked) {
				t.Error(err)
			}
		}
		if n := max(len(rows), len(ordered), len(outcomes)); n > len(b)+1 {
			t.Errorf("%d records of %d bytes", n, len(b))
		}
	})
}

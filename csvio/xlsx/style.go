package xlsx

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// numberFormat is what a number means.
type numberFormat uint8

const (
	formatNumber numberFormat = iota
	formatDate                // days since the beginning of the workbook's calendar
	formatTime                // a part of a day
	formatBoth
	formatPercent // people see the number a hundred times as large, with a % after it
)

// maxStyles is twice what Excel allows (Microsoft Support, "Excel specifications and limits": unique cell formats).
const maxStyles = 2 * 65_490

// readStyles returns the number format of each style of a cell.
func (b *Book) readStyles() ([]numberFormat, error) {
	if b.styles == "" || b.parts[b.styles] == nil {
		return nil, nil
	}
	var styles []numberFormat
	own := map[string]numberFormat{}
	inCells := false
	err := b.each(b.styles, func(element xml.StartElement) error {
		switch element.Name.Local {
		case "numFmt":
			if len(own) < maxStyles {
				own[attribute(element, "numFmtId")] = formatOf(attribute(element, "formatCode"))
			}
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs", "cellStyleXfs":
			inCells = false
		case "xf":
			if !inCells {
				break
			}
			id := attribute(element, "numFmtId")
			format, ok := own[id]
			if !ok {
				format = builtIn(id)
			}
			if styles = append(styles, format); len(styles) > maxStyles {
				return fmt.Errorf("it has more than %d styles", maxStyles)
			}
		}
		return nil
	})
	return styles, err
}

// builtIn returns the meaning of a number format that a workbook need not spell out (ISO/IEC 29500-1, 18.8.30, numFmt).
func builtIn(id string) numberFormat {
	n, err := strconv.Atoi(id)
	switch {
	case err != nil:
		return formatNumber
	case n >= 14 && n <= 17, n >= 27 && n <= 31, n == 36, n >= 50 && n <= 54, n == 57, n == 58:
		return formatDate
	case n >= 18 && n <= 21, n >= 32 && n <= 35, n == 45, n == 47, n == 55, n == 56:
		return formatTime
	case n == 22:
		return formatBoth
	case n == 9, n == 10:
		return formatPercent
	}
	return formatNumber
}

// formatOf returns the meaning of a number format's code. Quoted text, colours and the like in brackets, and the
// character after a backslash or an underscore do not count. A duration ("[h]:mm") is no date.
func formatOf(code string) numberFormat {
	code, _, _ = strings.Cut(code, ";") // the first section is for positive numbers
	number, date, clock, month := false, false, false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"', '[':
			closing := map[byte]byte{'"': '"', '[': ']'}[c]
			end := strings.IndexByte(code[i+1:], closing)
			if end < 0 {
				return formatNumber
			}
			inside := strings.ToLower(code[i+1 : i+1+end])
			if c == '[' && inside != "" && strings.Trim(inside, "hms") == "" {
				return formatNumber
			}
			i += 1 + end
		case '\\', '_', '*':
			i++
		case 'y', 'Y', 'd', 'D':
			date = true
		case 'h', 'H', 's', 'S':
			clock = true
		case 'm', 'M': // months or minutes: the other letters tell
			month = true
		case '%':
			return formatPercent
		case 'G', 'g', '0', '#', '?', 'E', 'e':
			number = number || !date && !clock && !month
		}
	}
	switch {
	case number:
		return formatNumber
	case date && clock:
		return formatBoth
	case clock:
		return formatTime
	case date, month:
		return formatDate
	}
	return formatNumber
}

// maxSerial is the last day that Excel knows: 31 December 9999.
const maxSerial = 2_958_465

// percent returns a number as people see it: 0.25 is "25%". It has no more digits than Excel has.
func percent(raw string) string {
	n, err := strconv.ParseFloat(raw, 64)
	if err != nil {
		return raw
	}
	n, err = strconv.ParseFloat(strconv.FormatFloat(n*100, 'g', numberDigits, 64), 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return raw
	}
	return strconv.FormatFloat(n, 'f', -1, 64) + "%"
}

// isoDate returns a number that means a day, a time or both in ISO 8601, or the number itself if it is no date that
// Excel knows.
func isoDate(raw string, format numberFormat, date1904 bool) string {
	serial, err := strconv.ParseFloat(raw, 64)
	if err != nil || serial < 0 || serial >= maxSerial+1 {
		return raw
	}
	days, part := math.Modf(serial)
	seconds := math.Round(part * 86_400)
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case date1904:
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days < 60: // Excel's 1900 has a 29 February, its day 60
		epoch = epoch.AddDate(0, 0, 1)
	}
	at := epoch.AddDate(0, 0, int(days)).Add(time.Duration(seconds) * time.Second)
	switch {
	case format == formatTime && days == 0:
		return at.Format(time.TimeOnly)
	case format == formatDate && seconds == 0:
		return at.Format(time.DateOnly)
	}
	return at.Format("2006-01-02T15:04:05")
}

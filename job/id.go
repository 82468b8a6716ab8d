package job

import (
	"strconv"

	"zombiezen.com/go/sqlite"
)

// bindID stores an id as an integer where that gives the same text back, which sorts and packs well, and as text where it does not (20 digits, leading zeros). "" is NULL.
func bindID(st *sqlite.Stmt, param int, id string) {
	if id == "" {
		st.BindNull(param)
		return
	}
	if n, err := strconv.ParseInt(id, 10, 64); err == nil && (id[0] != '0' || id == "0") {
		st.BindInt64(param, n)
		return
	}
	st.BindText(param, id)
}

// columnID reads what bindID stored.
func columnID(st *sqlite.Stmt, col int) string {
	switch st.ColumnType(col) {
	case sqlite.TypeNull:
		return ""
	case sqlite.TypeInteger:
		return strconv.FormatInt(st.ColumnInt64(col), 10)
	}
	return st.ColumnText(col)
}

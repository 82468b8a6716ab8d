package disk

import (
	"encoding/binary"
	"os"
)

// versionAt is where a database has its user version (SQLite, Database File Format, 1.3).
const versionAt = 60

// VersionOf tells the format of the database at path, its Schema's Version, without opening it, also of one that another process holds; but not before it was closed for the first time. What is shorter than the header of a database is an error.
func VersionOf(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	var b [4]byte
	if _, err := f.ReadAt(b[:], versionAt); err != nil {
		return 0, err
	}
	return int64(int32(binary.BigEndian.Uint32(b[:]))), nil //nolint:gosec // it is signed
}

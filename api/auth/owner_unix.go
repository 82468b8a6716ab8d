//go:build unix

package auth

import (
	"io/fs"
	"os"
	"syscall"
)

// strange reports whether a file belongs to another user than this one and root.
func strange(info fs.FileInfo) (owner int, yes bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	owner = int(stat.Uid)
	return owner, owner != 0 && owner != os.Geteuid()
}

//go:build unix

package whole

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// keep gives a new file the mode of the file at path, and its owner and group if the system allows that. If the system
// does not allow the group, the new file's group gets no more rights than all users have.
func keep(f *os.File, path string) {
	old, err := os.Lstat(path)
	if err != nil || !old.Mode().IsRegular() || planted(path, old) {
		return
	}
	is, err := f.Stat()
	if err != nil {
		return
	}
	mode := old.Mode().Perm()
	was, now := idsOf(old), idsOf(is)
	if was != now && f.Chown(was.user, was.group) != nil && was.group != now.group && f.Chown(-1, was.group) != nil {
		mode &^= 0o070
		mode |= mode & 0o007 << 3
	}
	_ = f.Chmod(mode) // a file system without modes has none to keep
}

// planted reports whether another user may have made the file at path, in a folder that is open to all, such as /tmp,
// to read what rolecall writes there. The rule is that of the kernel (fs.protected_regular, proc_sys_fs(5)).
func planted(path string, old fs.FileInfo) bool {
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return true
	}
	owner := idsOf(old).user
	return folder.Mode()&fs.ModeSticky != 0 && folder.Mode().Perm()&0o002 != 0 &&
		owner != os.Geteuid() && owner != idsOf(folder).user
}

type ids struct{ user, group int }

func idsOf(info fs.FileInfo) ids {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return ids{int(st.Uid), int(st.Gid)}
	}
	return ids{-1, -1}
}

// Owner returns the id of the user who owns a file, and whether it is known.
func Owner(info fs.FileInfo) (user int, known bool) {
	user = idsOf(info).user
	return user, user != -1
}

// own reports whether a file belongs to this user.
func own(info fs.FileInfo) bool { return idsOf(info).user == os.Geteuid() }

// use locks a temporary file as long as it is open, so that no other process sweeps it away. On a file system without
// locks no process sweeps.
func use(f *os.File) { _ = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }

// unused reports whether no process has the temporary file at path open.
func unused(path string) bool {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil
}

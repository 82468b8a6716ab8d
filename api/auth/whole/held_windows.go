package whole

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// busy reports whether a rename may have failed because a program has one of both files open. MoveFileEx returns
// ERROR_ACCESS_DENIED for that too.
func busy(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
}

// held returns the system's error if another program has the file at path open. To replace a file needs the right to
// delete it (MoveFileEx), and a program such as Excel does not share that right.
func held(path string) error {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil //nolint:nilerr // a file that is not there is not open
	}
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil //nolint:nilerr // no file has such a name
	}
	const all = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	h, err := windows.CreateFile(
		name, windows.DELETE, all, nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err == nil {
		_ = windows.CloseHandle(h)
	}
	if errors.Is(err, windows.ERROR_SHARING_VIOLATION) {
		return err
	}
	return nil
}

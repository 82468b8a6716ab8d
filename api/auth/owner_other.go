//go:build !unix

package auth

import "io/fs"

// strange reports nothing: Go does not tell the owner of a file here.
func strange(fs.FileInfo) (owner int, yes bool) { return 0, false }

//go:build !unix

package cli_test

import "github.com/rogpeppe/go-internal/testscript"

// plainRolecall is rolecall: elsewhere there is no other.
func plainRolecall() string { return "rolecall" }

// withoutDetector leaves the path of a script as it is.
func withoutDetector(*testscript.Env) error { return nil }

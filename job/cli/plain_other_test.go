//go:build !unix

package cli_test

// plainRolecall is rolecall: elsewhere there is no other.
func plainRolecall() string { return "rolecall" }

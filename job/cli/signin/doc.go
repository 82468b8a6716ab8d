// Package signin has the commands auth login, auth status and auth logout.
package signin

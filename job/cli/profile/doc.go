// Package profile knows the orgs that a user named: the config file, which people write and rolecall only reads, the
// files that auth login keeps beside it, the secrets of a profile, and where a profile connects to.
package profile

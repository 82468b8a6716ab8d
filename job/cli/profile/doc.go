// Package profile reads the profiles of a user's orgs: from the config file, which people write and rolecall never
// changes, and from the files that auth login writes beside it. It gets the secrets of a profile, and the server that
// the profile connects to.
package profile

package emulator

import (
	"io"

	"rolecall/api/emulator/accounts"
	"rolecall/api/emulator/org"
)

// The parts of a seed, see package org.
type (
	// Org is what an emulator begins with: the JSON of a seed.
	Org = org.Seed
	// OrgInfo is the org itself.
	OrgInfo = org.Info
	// Generated is the size of the generated part of an org.
	Generated = org.Generated
	// OrgRole is a role of the picklist.
	OrgRole = org.SeedRole
	// RoleRef names a role.
	RoleRef = org.RoleRef
	// Record is the fields of a contact or deal by API name.
	Record = org.Record
	// Client is an application that may sign in.
	Client = accounts.Client
)

// ReadOrg reads a seed and checks it. Its errors say where the seed has a bad or repeated id, a role without a name, or
// a reference to a deal, contact or role that does not exist.
func ReadOrg(r io.Reader) (*Org, error) { return org.ReadSeed(r) }

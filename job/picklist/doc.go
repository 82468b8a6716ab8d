// Package picklist is an org's list of contact roles as every job uses it: read once, looked up by id or name, and put in order.
//
// It sends nothing but the one call that reads the list.
package picklist

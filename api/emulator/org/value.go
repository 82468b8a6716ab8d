package org

import (
	"encoding/json"
	"time"

	"rolecall/api/emulator/wire"
)

// The user who owns everything.
const (
	UserID    = "4150868000000225013"
	UserFirst = "Rehearsal"
	UserLast  = "User"
	UserEmail = "user@example.com"
)

// UserName returns the user's full name.
func UserName() string { return UserFirst + " " + UserLast }

// userValue returns the user as the value of an owner field.
func userValue() json.RawMessage {
	return json.RawMessage(`{"name":"` + UserName() + `","id":"` + UserID + `","email":"` + UserEmail + `"}`)
}

// UserValue returns a user as the value of an owner field.
func UserValue(u User) json.RawMessage {
	return json.RawMessage(`{"name":` + string(wire.Quote(u.FullName())) + `,"id":"` + u.ID.String() + `","email":` +
		string(wire.Quote(u.Email)) + `}`)
}

// UserRef returns the value of an owner field without its e-mail address, as in the results of writes.
func UserRef(owner json.RawMessage) json.RawMessage {
	to := ReadLookup(owner)
	if to.ID == 0 {
		return wire.Null()
	}
	return json.RawMessage(`{"name":` + string(to.Name) + `,"id":"` + to.ID.String() + `"}`)
}

// LookupValue returns the value of a lookup field.
func LookupValue(name string, n ID) json.RawMessage {
	return json.RawMessage(`{"name":` + string(wire.Quote(name)) + `,"id":"` + n.String() + `"}`)
}

// A Lookup is the value of a lookup or owner field. Name and Email are null when the value lacks them.
type Lookup struct {
	Name  json.RawMessage
	Email json.RawMessage
	ID    ID // 0 is none
}

// ReadLookup reads the value of a lookup or owner field. It returns null parts if the value is not an object.
func ReadLookup(raw json.RawMessage) Lookup {
	var v struct{ Name, Email, ID json.RawMessage }
	v.Name, v.Email = wire.Null(), wire.Null()
	_ = json.Unmarshal(raw, &v) // fails only if the value is not an object
	text, _ := wire.Unquote(v.ID)
	id, _ := ParseID(text)
	return Lookup{Name: v.Name, Email: v.Email, ID: id}
}

// TimeText returns a Unix time as Zoho writes it.
func TimeText(unix int64) string { return time.Unix(unix, 0).UTC().Format("2006-01-02T15:04:05-07:00") }

package private

import (
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"golang.org/x/sys/windows"
)

// accessDenied is the type of an entry that denies rights (Microsoft Learn, ACE_HEADER: ACCESS_DENIED_ACE_TYPE).
const accessDenied = 1

// OtherReaders returns who can read a file or folder by its access list, beside this user, SYSTEM and Administrators.
func OtherReaders(path string) ([]string, error) {
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return nil, err
	}
	me, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, err
	}
	return othersIn(sd, me.User.Sid)
}

// othersIn returns who can read what has the security descriptor sd, beside the user me, SYSTEM and Administrators.
func othersIn(sd *windows.SECURITY_DESCRIPTOR, me *windows.SID) ([]string, error) {
	list, _, err := sd.DACL()
	if list == nil && (err == nil || errors.Is(err, windows.ERROR_OBJECT_NOT_FOUND)) {
		return []string{"everybody"}, nil // without a list everybody has all rights (Microsoft Learn, Null DACLs)
	}
	if err != nil {
		return nil, err
	}
	var others []string
	for i := range uint32(list.AceCount) {
		var entry *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(list, i, &entry); err != nil {
			return nil, err
		}
		if entry.Header.AceType == accessDenied || entry.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0 {
			continue
		}
		if entry.Header.AceType != windows.ACCESS_ALLOWED_ACE_TYPE {
			return nil, fmt.Errorf("the access list %s has an entry of type %d", sd, entry.Header.AceType)
		}
		reads := windows.ACCESS_MASK(windows.FILE_READ_DATA | windows.GENERIC_READ | windows.GENERIC_ALL)
		sid := (*windows.SID)(unsafe.Pointer(&entry.SidStart)) // #nosec G103 -- GetAce returns a pointer into sd
		if entry.Mask&reads == 0 || isOurs(sid, me) {
			continue
		}
		if name := accountOf(sid); !slices.Contains(others, name) {
			others = append(others, name)
		}
	}
	return others, nil
}

// isOurs reports whether a SID is that of the user me, or one that can read every file of the machine anyway.
func isOurs(sid, me *windows.SID) bool {
	return sid.Equals(me) || slices.ContainsFunc([]windows.WELL_KNOWN_SID_TYPE{
		windows.WinLocalSystemSid, windows.WinBuiltinAdministratorsSid,
		windows.WinCreatorOwnerSid, windows.WinCreatorOwnerRightsSid,
	}, sid.IsWellKnown)
}

// accountOf returns the name of a SID, or the SID if it has none.
func accountOf(sid *windows.SID) string {
	account, domain, _, err := sid.LookupAccount("")
	switch {
	case err != nil:
		return sid.String()
	case domain == "":
		return account
	}
	return domain + `\` + account
}

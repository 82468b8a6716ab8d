package private

import (
	"slices"
	"testing"

	"golang.org/x/sys/windows"
)

// An access list that has only the user, SYSTEM and Administrators has no other readers. The lists are in Microsoft's
// security descriptor definition language.
func TestOthersInNamesWhoElseCanRead(t *testing.T) {
	t.Parallel()
	me, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		t.Fatal(err)
	}
	mine := "D:P(A;;FA;;;" + me.User.Sid.String() + ")(A;;FA;;;SY)(A;;FA;;;BA)"
	const other = "S-1-5-21-1-2-3-4444"
	for list, want := range map[string][]string{
		mine:                              nil,
		mine + "(A;;FR;;;" + other + ")":  {other},
		mine + "(A;OIIO;FA;;;CO)":         nil,     // for what is made in the folder, not for the folder
		mine + "(D;;FA;;;" + other + ")":  nil,     // it denies
		mine + "(A;;0x2;;;" + other + ")": nil,     // it may write, not read
		mine + "(A;;GA;;;" + other + ")":  {other}, // all rights
	} {
		sd, err := windows.SecurityDescriptorFromString(list)
		if err != nil {
			t.Fatalf("%s: %v", list, err)
		}
		if got, err := othersIn(sd, me.User.Sid); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", list, got, err, want)
		}
	}
	open, err := windows.NewSecurityDescriptor()
	if err != nil {
		t.Fatal(err)
	}
	if err := open.SetDACL(nil, true, false); err != nil {
		t.Fatal(err)
	}
	if got, err := othersIn(open, me.User.Sid); err != nil || !slices.Equal(got, []string{"everybody"}) {
		t.Errorf("no list: %q, %v", got, err)
	}
}

package meta

import (
	"slices"
	"time"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// userData is a user. Keys, in mixed case as there: Zoho CRM API v8, Get Users' Information, Sample Response.
type userData struct {
	ID        org.ID `json:"id"`
	ZUID      org.ID `json:"zuid"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	FullName  string `json:"full_name"`
	Email     string `json:"email"`
	Role      object `json:"role"`
	Profile   object `json:"profile"`
	Status    string `json:"status"`
	Confirm   bool   `json:"confirm"`
	Type      string `json:"type__s"`
	TimeZone  string `json:"time_zone"`
	Offset    int    `json:"offset"`
	Locale    string `json:"locale"`
	Language  string `json:"language"`
	Country   string `json:"country_locale"`
	Dates     string `json:"date_format"`
	Times     string `json:"time_format"`
	Decimals  string `json:"decimal_separator"`
	Thousands string `json:"number_separator"`
	Online    bool   `json:"Isonline"`
	// Nobody has these.
	ReportingTo *object `json:"Reporting_To"`
	Alias       *string `json:"alias"`
	Phone       *string `json:"phone"`
	Mobile      *string `json:"mobile"`
	Created     string  `json:"created_time"`
	Modified    string  `json:"Modified_Time"`
}

// The times of users.
const usersSince = "2024-01-01T00:00:00+00:00"

func describeUser(u org.User) userData {
	offset := 0
	if zone, err := time.LoadLocation(u.TimeZone); err == nil {
		since, _ := time.Parse(time.RFC3339, usersSince)
		_, offset = since.In(zone).Zone()
	}
	return userData{
		ID: u.ID, ZUID: u.ID, FirstName: u.FirstName, LastName: u.LastName, FullName: u.FullName(), Email: u.Email,
		Role:    object{"name": u.Role, "id": "4150868000000026005"},
		Profile: object{"name": u.Profile, "id": profileID(u)},
		Status:  u.Status, Confirm: *u.Confirmed, Type: "Regular User", TimeZone: u.TimeZone, Offset: offset * 1000,
		Locale: "en_US", Language: "en_US", Country: "US", Dates: "MM/dd/yyyy", Times: "hh:mm a", Decimals: "Period",
		Thousands: "Comma", Created: usersSince, Modified: usersSince,
	}
}

func profileID(u org.User) string {
	if u.Profile == administrator {
		return "4150868000000026011"
	}
	return "4150868000000026014"
}

const administrator = "Administrator"

// userTypes are the values of type. Zoho CRM API v7, Get Users' Information.
func userTypes() map[string]func(org.User) bool {
	active := func(u org.User) bool { return u.Status == "active" }
	admin := func(u org.User) bool { return u.Profile == administrator }
	return map[string]func(org.User) bool{
		"AllUsers":              func(org.User) bool { return true },
		"ActiveUsers":           active,
		"DeactiveUsers":         func(u org.User) bool { return u.Status == "inactive" },
		"ConfirmedUsers":        func(u org.User) bool { return *u.Confirmed },
		"NotConfirmedUsers":     func(u org.User) bool { return !*u.Confirmed },
		"DeletedUsers":          func(u org.User) bool { return u.Status == "deleted" },
		"ActiveConfirmedUsers":  func(u org.User) bool { return u.CanOwn() },
		"AdminUsers":            admin,
		"ActiveConfirmedAdmins": func(u org.User) bool { return u.CanOwn() && admin(u) },
		"CurrentUser":           func(u org.User) bool { return u.ID.String() == org.UserID },
	}
}

// getUsers lists the users. Without a type it lists all of them. (inferred)
func (a *API) getUsers(c *wire.Call) (wire.Answer, error) {
	wanted, known := userTypes()[c.Query().Get("type")]
	if !known && c.Query().Get("type") != "" {
		return wire.Answer{}, wire.InvalidParam("type", "")
	}
	ids, filtered, err := c.ReadIDs()
	if err != nil {
		return wire.Answer{}, err
	}
	info, err := wire.ReadPage(c)
	if err != nil {
		return wire.Answer{}, err
	}
	var users []userData
	for _, u := range a.store.Users() {
		if (wanted == nil || wanted(u)) && (!filtered || slices.Contains(ids, u.ID.String())) {
			users = append(users, describeUser(u))
		}
	}
	if users = wire.CutPage(&info, users); len(users) == 0 {
		return wire.NoContent(), nil
	}
	return wire.OK(object{"users": users, "info": info.PlainInfo})
}

// getUser returns one user. An unknown one is 204. (inferred)
func (a *API) getUser(c *wire.Call) (wire.Answer, error) {
	n, _ := org.ParseID(c.IDs[0])
	u, known := a.store.UserByID(n)
	if !known {
		return wire.NoContent(), nil
	}
	return wire.OK(object{"users": []userData{describeUser(u)}})
}

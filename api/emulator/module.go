package emulator

// A module is a kind of record that this emulator keeps.
type module int

const (
	moduleDeals module = iota
	moduleContacts
	moduleCount
)

// name is the module's API name.
func (m module) name() string {
	if m == moduleDeals {
		return "Deals"
	}
	return "Contacts"
}

// readScope is what reading its records takes.
func (m module) readScope() string {
	if m == moduleDeals {
		return "modules.deals.READ"
	}
	return "modules.contacts.READ"
}

// moduleNamed finds a module by its API name, which is spelt exactly.
func moduleNamed(name string) (module, bool) {
	for m := range moduleCount {
		if m.name() == name {
			return m, true
		}
	}
	return 0, false
}

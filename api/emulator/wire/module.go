package wire

import "slices"

// IsModule reports whether name is one of Zoho's standard modules. Zoho CRM API v8, Create Bulk Read Job, lists them.
func IsModule(name string) bool {
	return slices.Contains([]string{
		"Leads", "Accounts", "Contacts", "Deals", "Campaigns", "Tasks", "Cases", "Events", "Calls", "Solutions",
		"Products", "Vendors", "Price_Books", "Quotes", "Sales_Orders", "Purchase_Orders", "Invoices",
	}, name)
}

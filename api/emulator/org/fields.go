package org

import "slices"

// keyFields returns the field that names a record of a module, and the system field by which an upsert finds one. Zoho
// CRM API v7, Upsert Records, System-defined duplicate check fields.
func keyFields(m Module) (display, system string) {
	switch m {
	case Leads, Contacts:
		return "Full_Name", "Email"
	case Accounts:
		return "Account_Name", "Account_Name"
	case Deals:
		return "Deal_Name", "Deal_Name"
	}
	return "Name", "Name"
}

// standardFields returns fields of Zoho's Standard layouts. They do not include the id, which no field list has.
// Mandatory ones are those of Zoho CRM API v7, Insert Records, System-defined mandatory fields. None is unique: Zoho's
// pages call Email and Account_Name fields of the duplicate check, and let an admin make a field unique. (inferred)
func standardFields(m Module) []Field {
	owner := []Field{{API: "Owner", Kind: KindOwner}}
	system := []Field{
		{API: "Description", Kind: KindTextArea}, {API: "Created_By", Kind: KindOwner, ReadOnly: true},
		{API: "Modified_By", Kind: KindOwner, ReadOnly: true},
		{API: "Created_Time", Kind: KindDateTime, ReadOnly: true},
		{API: "Modified_Time", Kind: KindDateTime, ReadOnly: true},
	}
	return slices.Concat(owner, ownFields(m), system)
}

// ownFields returns the fields of one module.
func ownFields(m Module) []Field {
	person := []Field{
		{API: "Last_Name", Length: 80, Mandatory: true}, {API: "First_Name", Length: 40},
		{API: "Full_Name", Length: 80, ReadOnly: true}, {API: "Email", Kind: KindEmail},
		{API: "Phone", Kind: KindPhone}, {API: "Title", Length: 100},
	}
	switch m {
	case Leads:
		return append(person, []Field{
			{API: "Company", Length: 200}, {API: "Website", Kind: KindWebsite}, {API: "Mobile", Kind: KindPhone},
			{API: "Lead_Source", Kind: KindPicklist, Values: leadSources()},
			{API: "Lead_Status", Kind: KindPicklist, Values: []string{
				"-None-", "Attempted to Contact", "Contact in Future", "Contacted", "Junk Lead", "Lost Lead",
				"Not Contacted", "Pre-Qualified",
			}},
			{API: "Industry", Kind: KindPicklist, Values: industries()}, {API: "Annual_Revenue", Kind: KindCurrency},
			{API: "No_of_Employees", Kind: KindInteger}, {API: "City", Length: 100}, {API: "Country", Length: 100},
			{API: "Email_Opt_Out", Kind: KindBoolean},
		}...)
	case Contacts:
		return append(person, []Field{
			{API: "Mobile", Kind: KindPhone}, {API: "Secondary_Email", Kind: KindEmail},
			{API: "Department", Length: 50}, {API: "Account_Name", Kind: KindLookup, Lookup: Accounts},
			{API: "Email_Opt_Out", Kind: KindBoolean},
		}...)
	case Accounts:
		return []Field{
			{API: "Account_Name", Length: 200, Mandatory: true}, {API: "Phone", Kind: KindPhone},
			{API: "Website", Kind: KindWebsite}, {API: "Parent_Account", Kind: KindLookup, Lookup: Accounts},
			{API: "Industry", Kind: KindPicklist, Values: industries()},
			{API: "Employees", Kind: KindInteger}, {API: "Annual_Revenue", Kind: KindCurrency},
			{API: "Billing_City", Length: 100}, {API: "Billing_Country", Length: 100},
		}
	case Deals:
		return []Field{
			{API: "Deal_Name", Length: 120, Mandatory: true},
			{API: "Stage", Kind: KindPicklist, Mandatory: true, Values: stages()},
			{API: "Amount", Kind: KindCurrency}, {API: "Closing_Date", Kind: KindDate},
			{API: "Account_Name", Kind: KindLookup, Lookup: Accounts},
			{API: "Contact_Name", Kind: KindLookup, Lookup: Contacts},
			{API: "Pipeline", Kind: KindPicklist, Values: []string{"Standard (Standard)"}},
			{API: "Probability", Kind: KindNumber},
		}
	}
	return []Field{{API: "Name", Length: 120, Mandatory: true}}
}

func stages() []string {
	return []string{
		"Qualification", "Needs Analysis", "Value Proposition", "Identify Decision Makers", "Proposal/Price Quote",
		"Negotiation/Review", "Closed Won", "Closed Lost", "Closed Lost to Competition",
	}
}

func leadSources() []string {
	return []string{
		"-None-", "Advertisement", "Cold Call", "Employee Referral", "External Referral", "Online Store", "Partner",
		"Trade Show", "Web Download", "Web Research",
	}
}

func industries() []string {
	return []string{"-None-", "Communications", "Financial Services", "Manufacturing", "Service Provider", "Technology"}
}

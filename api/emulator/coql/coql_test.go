package coql_test

import (
	"fmt"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// query returns the ids of a query on Deals, or its refusal.
func query(r *rig.Rig, version, rest string) (ids []string, refusal string) {
	r.T.Helper()
	status, got := r.Call("POST", version+"/coql", rig.Selecting(rest))
	switch status {
	case 200:
		return rig.IDsOf(r.T, got), ""
	case 204:
		return nil, ""
	}
	return nil, fmt.Sprint(status, " ", got)
}

func TestCOQLColumns(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Sales)})
	account, boyle := `{"name":"Zylker","id":"71"}`, `{"name":"Boyle","id":"81"}`
	r.Run([]rig.Step{
		// A row always has the id. A lookup has a name from v7, and a user has the last name: Zoho CRM API v7, Get
		// Records through a COQL Query, Sample query to fetch lookup fields.
		{"POST", "v8/coql", rig.Selecting("Deal_Name, Account_Name, Owner, Amount, Contact_Name from Deals where id " +
			"= '905'"), 200,
			rig.QueryRows(false, `{"Deal_Name":"Zylker 100","Account_Name":`+account+`,"Owner":`+boyle+
				`,"Amount":99.5,"Contact_Name":{"name":"Kate Burns","id":"501"},"id":"905"}`)},
		{"POST", "v7/coql", rig.Selecting("id, Account_Name from Deals where id = 905"), 200,
			rig.QueryRows(false, `{"id":"905","Account_Name":`+account+`}`)},
		{"POST", "v6/coql", rig.Selecting("Account_Name, Owner from Deals where id = '905'"), 200,
			rig.QueryRows(false, `{"Account_Name":{"id":"71"},"Owner":{"id":"81"},"id":"905"}`)},
		{"POST", "v2/coql", rig.Selecting("Account_Name from Deals where id = '903'"), 200,
			rig.QueryRows(false, `{"Account_Name":null,"id":"903"}`)},
		// Through lookups.
		{"POST", "v8/coql", rig.Selecting("Account_Name.Account_Name, Contact_Name.Email, Contact_Name.id, " +
			"Contact_Name.Email_Opt_Out, Account_Name.id from Deals where id >= 904"), 200, rig.QueryRows(false,
			`{"Account_Name.Account_Name":null,"Contact_Name.Email":null,"Contact_Name.id":"599",`+
				`"Contact_Name.Email_Opt_Out":null,"Account_Name.id":null,"id":"904"}`,
			`{"Account_Name.Account_Name":"Zylker","Contact_Name.Email":"burns@example.com","Contact_Name.id":"501",`+
				`"Contact_Name.Email_Opt_Out":true,"Account_Name.id":"71","id":"905"}`)},
		{"POST", "v8/coql", rig.Selecting("Contact_Name.Account_Name.Account_Name, Contact_Name.Account_Name from " +
			"Deals where id = 905"), 200,
			rig.QueryRows(false, `{"Contact_Name.Account_Name.Account_Name":"Zylker","Contact_Name.Account_Name":`+
				account+`,"id":"905"}`)},
		{"POST", "v8/coql", rig.Selecting("Owner.last_name, Owner.first_name, Owner.full_name, Owner.email, Owner.id," +
			" Region__c from Deals where Owner.last_name = 'Boyle'"), 200,
			rig.QueryRows(false, `{"Owner.last_name":"Boyle","Owner.first_name":"Patricia Ann",`+
				`"Owner.full_name":"Patricia Ann Boyle","Owner.email":"p@example.com","Owner.id":"81",`+
				`"Region__c":"North","id":"905"}`)},
		// Names in quotes, aliases, keywords in any case.
		{"POST", "v8/coql", rig.Selecting(`'Deal_Name' AS 'The "name"', "Stage" As S FROM Deals WHERE ((Stage Is Not ` +
			`Null) AND id IN (903)) ORDER BY S Desc, "The ""name""" LIMIT 2`), 200,
			rig.QueryRows(false, `{"The \"name\"":"O'Neill's, \"big\" deal","S":"Closed Won","id":"903"}`)},
		{"POST", "v8/coql", rig.Selecting("Full_Name from Contacts where Last_Name = 'O''Brien'"), 200,
			rig.QueryRows(false, `{"Full_Name":"O'Brien","id":"502"}`)},
		// Counting: Aggregate Function, COUNT.
		{"POST", "v8/coql", rig.Selecting("COUNT(id), COUNT(Amount), COUNT(Stage) as stages from Deals where id is " +
			"not null"), 200, rig.QueryRows(false, `{"COUNT(id)":3,"COUNT(Amount)":2,"stages":3}`)},
		{"POST", "v4/coql", rig.Selecting("COUNT(id) from Deals where Stage = 'None'"), 200,
			rig.QueryRows(false, `{"COUNT(id)":0}`)},
		{"POST", "v8/coql", rig.Selecting("id from Deals where id = 77"), 204, ""},
	})
	if got := r.E.Stats().Calls; len(got) != 1 || got["POST /coql"] != 12 {
		t.Errorf("calls %v", got)
	}
}

// Comparators by type: Zoho CRM API v7, Get Records through a COQL Query.
func TestCOQLCriteria(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Sales)})
	for criteria, want := range map[string]string{
		"id is not null":                               "903 904 905",
		"id is null":                                   "",
		"id > '903'":                                   "904 905",
		"id >= 904 and id < 905":                       "904",
		"id <= 903":                                    "903",
		"id between '904' and 999":                     "904 905",
		"id not between 904 and 904":                   "903 905",
		"id in (905, '903', 77)":                       "903 905",
		"id not in (905)":                              "903 904",
		"id != 904":                                    "903 905",
		"id > 18446744073709551615":                    "",
		"id > 904 or id = 903":                         "903 905",
		"Stage = 'Negotiation'":                        "904 905",
		"Stage = Negotiation":                          "904 905",
		`Stage = "Negotiation"`:                        "904 905",
		"Stage = 'negotiation'":                        "",
		"Stage != 'Negotiation'":                       "903",
		"Stage in ('Closed Won', Lost)":                "903",
		"Stage not in ('Closed Won')":                  "904 905",
		"Deal_Name like 'Zyl%'":                        "905",
		"Deal_Name like '%üll%'":                       "904",
		"Deal_Name like '%100'":                        "905",
		"Deal_Name like 'Müller'":                      "904",
		"Deal_Name like 'zyl%'":                        "",
		"Deal_Name not like '%l%'":                     "",
		"Deal_Name not like '%Z%'":                     "903 904",
		"Deal_Name = 'O''Neill''s, \"big\" deal'":      "903",
		"Deal_Name = \"O'Neill's, \"\"big\"\" deal\"":  "903",
		"Amount > 99":                                  "903 905",
		"Amount = '99.50'":                             "905",
		"Amount between 99.5 and 1500":                 "903 905",
		"Amount is null":                               "904",
		"Amount != 1500":                               "905",
		"Amount > -1":                                  "903 905",
		"Closing_Date >= '2025-01-01'":                 "905",
		"Closing_Date is not null":                     "903 905",
		"Closing_Date in ('2024-12-31')":               "903",
		"Created_Time > '2024-05-01T12:00:00+02:00'":   "903 904",
		"Modified_Time = '2024-05-02T12:00:00+02:00'":  "903",
		"Modified_Time <= '2024-05-03T10:00:00+00:00'": "903 905",
		"Account_Name = '71'":                          "905",
		"Account_Name is null":                         "903 904",
		"Account_Name.Account_Name = 'Zylker'":         "905",
		"Account_Name.id in (71)":                      "905",
		"Contact_Name in ('501', 599)":                 "904 905",
		"Contact_Name.Email is not null":               "905",
		"Contact_Name.Email_Opt_Out = 'true'":          "905",
		"Contact_Name.Email_Opt_Out = TRUE":            "905",
		"Owner != 81":                                  "903 904",
		"Region__c = 'North'":                          "905",
		"((Stage = 'Negotiation' and Amount is null) or (Stage = 'Closed Won' and Amount > 1))": "903 904",
		"(Stage = 'Negotiation' and (Amount is null or Amount = 99.5)) and id != 904":           "905",
		"((((id = 904))))": "904",
	} {
		for _, version := range []string{"v2", "v8"} {
			ids, refusal := query(r, version, "id from Deals where "+criteria)
			if got := strings.Join(ids, " "); got != want || refusal != "" {
				t.Errorf("%s %s: %q, want %q %s", version, criteria, got, want, refusal)
			}
		}
	}
}

func TestCOQLOrderAndLimit(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Sales)})
	for tail, want := range map[string]string{
		"":                                      "903 904 905",
		"order by id desc":                      "905 904 903",
		"order by Amount":                       "904 905 903", // null first
		"order by Amount desc":                  "903 905 904",
		"order by Stage asc, id desc":           "903 905 904",
		"order by Stage desc":                   "904 905 903",
		"order by Deal_Name":                    "904 903 905",
		"order by Modified_Time desc limit 1":   "904",
		"order by Contact_Name.Email, id desc":  "904 903 905",
		"order by Account_Name desc, Deal_Name": "905 904 903",
		"limit 2":                               "903 904",
		"limit 1, 2":                            "904 905",
		"limit 2 offset 2":                      "905",
		"offset 1":                              "904 905",
		"limit 5, 2":                            "",
		"order by id desc limit 1, 1":           "904",
		"order by Stage desc limit 1, 5":        "905 903",
	} {
		ids, refusal := query(r, "v8", "id from Deals where id is not null "+tail)
		if got := strings.Join(ids, " "); got != want || refusal != "" {
			t.Errorf("%s: %q, want %q %s", tail, got, want, refusal)
		}
	}
	for rest, more := range map[string]string{
		"id from Deals where id is not null limit 2":                   "true",
		"id from Deals where id is not null limit 3":                   "false",
		"id from Deals where Stage = 'Negotiation' limit 1":            "true",
		"id from Deals where Stage = 'Negotiation' limit 1, 1":         "false",
		"id from Deals where id is not null order by Amount limit 2":   "true",
		"id from Deals where id is not null order by Amount limit 1,2": "false",
	} {
		if _, got := r.Call("POST", "v8/coql", rig.Selecting(rest)); !strings.Contains(got, `"more_records":`+more) {
			t.Errorf("%s: %s", rest, got)
		}
	}
}

// Queries that Zoho refuses, with the details of the OpenAPI v8.0.
func TestCOQLRefusals(t *testing.T) {
	t.Parallel()
	wide := `"Region__c": "North"`
	for i := range 501 {
		wide += fmt.Sprintf(`, "c%d": %d`, i, i)
	}
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, strings.Replace(rig.Sales, `"Region__c": "North"`, wide, 1))})
	token := func(line, column int, near string) string {
		return rig.Failed("SYNTAX_ERROR", fmt.Sprintf(`{"line":%d,"column":%d,"near":%s}`, line, column,
			rig.Quote(near)), "unexpected token")
	}
	invalid := func(column string) string {
		return rig.Failed("INVALID_QUERY", `{"column_name":"`+column+`"}`, "column given seems to be invalid")
	}
	operator := func(column, operator string) string {
		return rig.Failed("INVALID_QUERY", `{"reason":"invalid operator found","column_name":"`+column+`","operator":"`+
			operator+`"}`, "Invalid query formed")
	}
	value := func(column, value string) string {
		return rig.Failed("INVALID_QUERY", `{"column_name":"`+column+`","value":`+rig.Quote(value)+`}`,
			"value given seems to be invalid for the column")
	}
	over := func(by string, limit int) string {
		return rig.Failed("LIMIT_EXCEEDED", fmt.Sprintf(`{"by":%q,"limit":%d}`, by, limit), "limit exceeded")
	}
	syntax := func(details, message string) string { return rig.Failed("SYNTAX_ERROR", details, message) }
	unsupported := syntax(`{}`, "given coql query not supported")
	const where = " from Deals where id is not null"
	list := func(n int) string { return strings.TrimSuffix(strings.Repeat("'x',", n), ",") }
	columns := func(n int) string {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf("c%d", i))
		}
		return strings.Join(names, ",")
	}
	criteria := func(n int) string { return strings.Repeat("(", n-1) + "id > 1" + strings.Repeat(" and id > 1)", n-1) }
	for query, want := range map[string]string{
		"update Deals set Stage = 'x' where id = 1": unsupported,
		"":                                                     unsupported,
		"select id from Deals":                                 syntax(`{"clause":"where"}`, "missing clause"),
		"select id from Deals order by id":                     syntax(`{"clause":"where"}`, "missing clause"),
		"select id where id = 1":                               syntax(`{"clause":"from"}`, "missing clause"),
		"select id":                                            syntax(`{"clause":"from"}`, "missing clause"),
		"select from Deals where id = 1":                       token(1, 8, "from"),
		"select *" + where:                                     token(1, 8, "*"),
		"select id, from Deals where id = 1":                   token(1, 12, "from"),
		"select id from\n Deals#5 where id = 1":                token(2, 7, "#"),
		"select id from !Deals where id = 1":                   token(1, 16, "!"),
		"select id from Deals where\r\n\tid == 1":              token(2, 6, "="),
		"select id from Deals where id = ":                     token(1, 33, "<EOF>"),
		"select id from Deals where id = 'x":                   token(1, 33, "'x"),
		"select id from Deals where id <> 1":                   token(1, 32, ">"),
		"select id from Deals where id = null":                 token(1, 33, "null"),
		"select id from Deals where id is 5":                   token(1, 34, "5"),
		"select id from Deals where (id = 1":                   token(1, 35, "<EOF>"),
		"select id from Deals where id = 1)":                   token(1, 34, ")"),
		"select id from Deals where id in ()":                  token(1, 35, ")"),
		"select id from Deals where id in (1,2":                token(1, 38, "<EOF>"),
		"select id from Deals where id between 1 2":            token(1, 41, "2"),
		"select id from Deals where id not 1":                  token(1, 35, "1"),
		"select id from Deals where id = 1 limit":              token(1, 40, "<EOF>"),
		"select id from Deals where id = 1 limit 1 2":          token(1, 43, "2"),
		"select id from Deals where id = 1 order id":           token(1, 41, "id"),
		"select id from Deals where id = 1 limit 1,2 offset 3": token(1, 45, "offset"),
		// More than two criteria: Kaizen 171.
		"select id from Deals where id = 1 and id = 2 and id = 3": token(1, 46, "and"),
		"select id from Deals where (id = 1 or id = 2 or id = 3)": token(1, 46, "or"),
		"select id from Deals where ünï = 1":                      token(1, 28, "ü"),
		"select id from Deals where " + strings.Repeat("(", 101) + "id = 1": syntax(`{}`,
			"Parsing is happening for so long for the given query. please validate the query"),
		"select Stage from Deals where id = 1 group by Stage": unsupported,
		"select SUM(Amount)" + where:                          unsupported,
		"select COUNT(id), Stage" + where:                     unsupported,
		"select COUNT(id)" + where + " order by id":           unsupported,
		"select count(id)" + where: rig.Failed("INVALID_DATA",
			`{"reason":"unsupported aggregate function","column":"count(id)"}`, "invalid data"),
		"select COUNT(Deal_Name)" + where: rig.Failed("INVALID_QUERY",
			`{"column_name":"Deal_Name"}`, "unsupported column"),
		"select COUNT(id), COUNT(id)" + where: rig.Failed("DUPLICATE_DATA",
			`{"column_name":"id","aggregate":"COUNT"}`, "duplicate aggregate function"),
		"select id from Tasks where id = 1": rig.Failed("INVALID_MODULE", `{}`,
			"the given module is not supported in api"),
		"select id from deals where id = 1": rig.Failed("INVALID_MODULE", `{}`,
			"the given module is not supported in api"),
		"select Nonsense" + where:                                      invalid("Nonsense"),
		"select Email" + where:                                         invalid("Email"),
		"select Account_Name.Phones" + where:                           invalid("Account_Name.Phones"),
		"select Stage.id" + where:                                      invalid("Stage.id"),
		"select Owner.phone" + where:                                   invalid("Owner.phone"),
		"select Owner.email.x" + where:                                 invalid("Owner.email.x"),
		"select Contact_Name.Nonsense" + where:                         invalid("Contact_Name.Nonsense"),
		"select 'No such'" + where:                                     invalid("No such"),
		"select id from Deals where Nonsense = 1":                      invalid("Nonsense"),
		"select id" + where + " order by Nonsense":                     invalid("Nonsense"),
		"select Account_Name.id, Contact_Name.id, Owner.id" + where:    over("joins", 2),
		"select Account_Name.id, Contact_Name.Account_Name.id" + where: over("joins", 2),
		"select Stage, id, Stage" + where: rig.Failed("DUPLICATE_DATA",
			`{"column_name":"Stage"}`, "duplicate select column"),
		"select Stage as x, Deal_Name as x" + where: rig.Failed("DUPLICATE_ALIAS",
			`{"referred_columns":["Stage","Deal_Name"],"alias":"x"}`, "same alias cannot refer more than one column"),
		"select Stage as ''" + where: rig.Failed("INVALID_ALIAS",
			`{"column_name":"Stage","alias":""}`, "alias name cannot be an empty string"),
		"select Deal_Name as Stage, Stage" + where: rig.Failed("INVALID_QUERY",
			`{"column_name":"Deal_Name","alias":"Stage"}`,
			"column name or property name given in select columns without alias name cannot be an alias name for "+
				"other select columns"),
		"select id from Deals where Stage > 'x'":                          operator("Stage", ">"),
		"select id from Deals where Deal_Name between a and b":            operator("Deal_Name", "between"),
		"select id from Deals where Account_Name like '%x'":               operator("Account_Name", "like"),
		"select id from Deals where Contact_Name.Email_Opt_Out != 'true'": operator("Contact_Name.Email_Opt_Out", "!="),
		"select id from Deals where Description = 'x'": rig.Failed("INVALID_QUERY",
			`{"cv_criteria":false,"column_name":"Description","value":"x","operator":"="}`,
			"unsupported column in criteria"),
		"select id from Deals where Amount = 'much'":                    value("Amount", "much"),
		"select id from Deals where Amount = '1e5'":                     value("Amount", "1e5"),
		"select id from Deals where id > 'zcrm_1'":                      value("id", "zcrm_1"),
		"select id from Deals where id in (5, 1.5)":                     value("id", "1.5"),
		"select id from Deals where Closing_Date = '31.12.2024'":        value("Closing_Date", "31.12.2024"),
		"select id from Deals where Created_Time > '2024-01-01'":        value("Created_Time", "2024-01-01"),
		"select id from Deals where Contact_Name.Email_Opt_Out = 'yes'": value("Contact_Name.Email_Opt_Out", "yes"),
		"select id from Deals where Deal_Name like 'a%b'":               value("Deal_Name", "a%b"),
		"select id from Deals where Deal_Name not like 'a%'":            value("Deal_Name", "a%"),
		"select id from Deals where Deal_Name like '%'":                 value("Deal_Name", "%"),
		"select id" + where + " order by Stage, Stage desc": rig.Failed("DUPLICATE_DATA",
			`{"column_name":"Stage"}`, "duplicate order by column"),
		"select id" + where + " limit s": rig.Failed("INVALID_QUERY", `{"limit":"s"}`,
			"limit given seems to be invalid"),
		"select id" + where + " limit 1.5": rig.Failed("INVALID_QUERY", `{"limit":"1.5"}`,
			"limit given seems to be invalid"),
		"select id" + where + " limit 0": rig.Failed("INVALID_DATA", `{}`,
			"limit should be greater than 0"),
		"select id" + where + " limit 2001": over("limit", 2000),
		"select id" + where + " limit -3, 5": rig.Failed("INVALID_QUERY", `{"limit":"-3"}`,
			"offset given seems to be invalid"),
		"select id" + where + " limit 98001, 2000": rig.Failed("LIMIT_EXCEEDED",
			`{"by":"offset","limit":100000}`, "Max records limit exceeded"),
		"select id from Deals where Stage in (" + list(101) + ")": over("in", 100),
		"select " + columns(501) + where:                          over("select", 500),
		"select id from Deals where " + criteria(26):              over("criteria", 25),
		"select id" + where + " order by a,b,c,d,e,f,g,h,i,j,k":   over("order by", 10),
	} {
		r.Want("POST", "v8/coql", `{"select_query":`+rig.Quote(query)+`}`, 400, want)
	}
	// These are just within a limit.
	for version, rest := range map[string]string{
		"v8": "id from Deals where " + criteria(25) + " order by id limit 98000, 2000",
		"v7": columns(500) + " from Deals where Stage in (" + list(100) + ")",
		"v6": columns(50) + " from Deals where Stage in (" + list(50) + ")",
	} {
		if _, refusal := query(r, version, rest); refusal != "" {
			t.Errorf("%s: %s", version, refusal)
		}
	}
	// Older versions accept less: Kaizen 183. Aggregates exist from v4.
	r.Run([]rig.Step{
		{"POST", "v6/coql", rig.Selecting("id from Deals where Stage not in (" + list(51) + ")"), 400,
			over("not in", 50)},
		{"POST", "v6/coql", rig.Selecting(columns(51) + where), 400, over("select", 50)},
		{"POST", "v3/coql", rig.Selecting("COUNT(id)" + where), 400, unsupported},
		{"POST", "v8/coql", `{}`, 400, rig.Failed("MANDATORY_NOT_FOUND", `{"api_name":"select_query"}`,
			"mandatory key not found")},
		{"POST", "v8/coql", `{"select_query":5}`, 400,
			rig.Failed("INVALID_DATA", `{"api_name":"select_query","json_path":"$.select_query",`+
				`"expected_data_type":"text"}`, "invalid data")},
		{"POST", "v8/coql", `[]`, 400, rig.Unparsable},
		{"POST", "v8/coql", `{"select_query":"x","include_meta":["fields"]}`, 400,
			rig.Failed("NOT_SUPPORTED", `{"api_name":"include_meta","json_path":"$.include_meta"}`,
				"this emulator has no field metadata in COQL")},
	})
}

// In some orgs COQL does less, as in older documents, or nothing.
func TestCOQLSettings(t *testing.T) {
	t.Parallel()
	few := rig.New(t, emulator.Options{Deals: 300, CoqlRows: 200})
	few.Run([]rig.Step{
		{"POST", "v8/coql", rig.Selecting("id from Deals where id > 1 limit 201"), 400,
			rig.Failed("LIMIT_EXCEEDED", `{"by":"limit","limit":200}`, "limit exceeded")},
		{"POST", "v8/coql", rig.Selecting("id from Deals where id > 1 limit 9801,200"), 400,
			rig.Failed("LIMIT_EXCEEDED", `{"by":"offset","limit":10000}`, "Max records limit exceeded")},
		{"POST", "v8/coql", rig.Selecting("id from Deals where id > 1 limit 9800,200"), 204, ""},
	})
	query := rig.Selecting("id from Deals where id > 1")
	rig.New(t, emulator.Options{Coql: "off"}).Want("POST", "v8/coql", query, 403,
		rig.Failed("NOT_SUPPORTED", `{}`, "COQL is off in this emulator"))
	rig.New(t, emulator.Options{Coql: "unscoped"}).Want("POST", "v8/coql", query, 401,
		rig.Failed("OAUTH_SCOPE_MISMATCH", `{}`, "Unauthorized"))
	for want, o := range map[string]emulator.Options{
		"setting of COQL":     {Coql: "maybe"},
		"up to 200 or 2000":   {CoqlRows: 500},
		"0 to 200 contact":    {RolesPerDeal: 201},
		"roles_per_deal goes": {Org: &emulator.Org{Generated: emulator.Generated{RolesPerDeal: -1}}},
	} {
		if _, err := emulator.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
}

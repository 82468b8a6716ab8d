package emulator

import (
	"encoding/json"
	"strconv"
)

// coqlDetails are the keys of "details" that only COQL has. OpenAPI v8.0,
// executeCOQLQuery.
type coqlDetails struct {
	Clause          string          `json:"clause,omitempty"`
	Line            int             `json:"line,omitempty"`
	Column          json.RawMessage `json:"column,omitempty"` // a number, or the text of a function
	Near            string          `json:"near,omitempty"`
	Operator        string          `json:"operator,omitempty"`
	ColumnName      string          `json:"column_name,omitempty"`
	Alias           *string         `json:"alias,omitempty"`
	ReferredColumns []string        `json:"referred_columns,omitempty"`
	Reason          string          `json:"reason,omitempty"`
	Aggregate       string          `json:"aggregate,omitempty"`
	CVCriteria      *bool           `json:"cv_criteria,omitempty"`
	Value           *string         `json:"value,omitempty"`
}

func coqlRefusal(code, message string, d coqlDetails) *refusal {
	return bad(code, message, details{coqlDetails: &d})
}

// The refusals of queries, with the texts and details of the examples in the
// OpenAPI v8.0, unless said otherwise.

func missingClause(clause string) *refusal {
	return coqlRefusal("SYNTAX_ERROR", "missing clause", coqlDetails{Clause: clause})
}

func unexpected(t coqlToken) *refusal {
	return coqlRefusal("SYNTAX_ERROR", "unexpected token",
		coqlDetails{Line: t.line, Column: json.RawMessage(strconv.Itoa(t.column)), Near: t.near()})
}

// unsupportedQuery is for what is no select query, and for what is documented
// and not emulated: grouping, and aggregates other than COUNT.
func unsupportedQuery() *refusal {
	return coqlRefusal("SYNTAX_ERROR", "given coql query not supported", coqlDetails{})
}

// tooComplex has the text of Zoho CRM API v7, Get Records through a COQL Query.
func tooComplex() *refusal {
	return coqlRefusal("SYNTAX_ERROR", "Parsing is happening for so long for the given query. please validate the query", coqlDetails{})
}

func invalidColumn(name string) *refusal {
	return coqlRefusal("INVALID_QUERY", "column given seems to be invalid", coqlDetails{ColumnName: name})
}

func invalidOperator(column, operator string) *refusal {
	return coqlRefusal("INVALID_QUERY", "Invalid query formed",
		coqlDetails{Reason: "invalid operator found", ColumnName: column, Operator: operator})
}

// invalidValue has a text of the earlier OpenAPI v8.0; that the value stands
// beside the column is inferred.
func invalidValue(column, value string) *refusal {
	return coqlRefusal("INVALID_QUERY", "value given seems to be invalid for the column", coqlDetails{ColumnName: column, Value: &value})
}

// overLimit is for more than a query may have. Code, text and the keys of the
// details are those of the sample in Zoho CRM API v7, Composite API; what "by"
// is called for others than the limit clause is inferred.
func overLimit(by string, limit int) *refusal {
	return bad("LIMIT_EXCEEDED", "limit exceeded", details{By: by, Limit: json.RawMessage(strconv.Itoa(limit))})
}

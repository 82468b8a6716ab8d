package coql

import (
	"encoding/json"
	"strconv"

	"rolecall/api/emulator/wire"
)

// The refusals of queries. Texts and details are those of the examples in the OpenAPI v8.0, unless a comment says
// otherwise.

func missingClause(clause string) error {
	return wire.Bad("SYNTAX_ERROR", "missing clause", wire.Details{Clause: clause})
}

func unexpected(t token) error {
	return wire.Bad("SYNTAX_ERROR", "unexpected token",
		wire.Details{Line: t.line, Column: json.RawMessage(strconv.Itoa(t.column)), Near: t.near()})
}

// unsupportedQuery refuses other statements, and two documented clauses that are not emulated: grouping, and aggregates
// other than COUNT.
func unsupportedQuery() error {
	return wire.Bad("SYNTAX_ERROR", "given coql query not supported", wire.Details{})
}

// tooComplex refuses a query that is too complex, with the text of Zoho CRM API v7, Get Records through a COQL Query.
func tooComplex() error {
	return wire.Bad("SYNTAX_ERROR",
		"Parsing is happening for so long for the given query. please validate the query", wire.Details{})
}

func invalidColumn(name string) error {
	return wire.Bad("INVALID_QUERY", "column given seems to be invalid", wire.Details{ColumnName: name})
}

func invalidOperator(column, operator string) error {
	return wire.Bad("INVALID_QUERY", "Invalid query formed",
		wire.Details{Reason: "invalid operator found", ColumnName: column, Operator: operator})
}

// invalidValue returns a refusal of the earlier OpenAPI v8.0. That the value stands beside the column is inferred.
func invalidValue(column, value string) error {
	return wire.Bad("INVALID_QUERY", "value given seems to be invalid for the column",
		wire.Details{ColumnName: column, Value: &value})
}

// invalidAmount returns the refusal that is documented for the limit. That the offset is alike is inferred.
func invalidAmount(clause, given string) error {
	return wire.Bad("INVALID_QUERY", clause+" given seems to be invalid", wire.Details{Limit: wire.Quote(given)})
}

func duplicate(what string, d wire.Details) error {
	return wire.Bad("DUPLICATE_DATA", "duplicate "+what, d)
}

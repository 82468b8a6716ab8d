package wire

import "encoding/json"

// A Result is the outcome of one item of a write, of one sub-request, or of a whole refused request.
type Result struct {
	Code    string  `json:"code"`
	Details Details `json:"details"`
	Message string  `json:"message"`
	Status  string  `json:"status"`
	// Action and DuplicateField are those of Upsert Records, Zoho CRM API v7. DuplicateField may be null.
	Action         string          `json:"action,omitempty"`
	DuplicateField json.RawMessage `json:"duplicate_field,omitempty"`
}

func (r *Result) failed() bool { return r.Status != "success" }

// Details has all keys that Zoho's documents show in "details" of the emulated calls. Empty ones are left out.
type Details struct {
	ID                string          `json:"id,omitempty"`
	APIName           string          `json:"api_name,omitempty"`
	JSONPath          string          `json:"json_path,omitempty"`
	ExpectedDataType  string          `json:"expected_data_type,omitempty"`
	MaximumLength     int             `json:"maximum_length,omitempty"`
	ParamName         string          `json:"param_name,omitempty"`
	ResourcePathIndex *int            `json:"resource_path_index,omitempty"`
	By                string          `json:"by,omitempty"`    // what exceeds the limit, in COQL and in sub-requests
	Limit             json.RawMessage `json:"limit,omitempty"` // a number for roles and sub-requests, a string for ids
	Permissions       []string        `json:"permissions,omitempty"`
	ExpectedFields    []Ref           `json:"expected_fields,omitempty"`
	AmbiguityDueTo    []Ref           `json:"ambiguity_due_to,omitempty"`

	SupportedValues []string `json:"supported_values,omitempty"`
	Index           *int     `json:"index,omitempty"`
	ParamNames      []string `json:"param_names,omitempty"`

	// Writes of records. Zoho CRM API v7, Insert, Update and Upsert Records; OpenAPI v8.0.
	CreatedTime     json.RawMessage  `json:"Created_Time,omitempty"`
	ModifiedTime    json.RawMessage  `json:"Modified_Time,omitempty"`
	CreatedBy       json.RawMessage  `json:"Created_By,omitempty"`
	ModifiedBy      json.RawMessage  `json:"Modified_By,omitempty"`
	ApprovalState   string           `json:"$approval_state,omitempty"`
	DuplicateRecord *DuplicateRecord `json:"duplicate_record,omitempty"`
	MoreRecords     *bool            `json:"more_records,omitempty"`
	Errors          []Result         `json:"errors,omitempty"`

	// Sub-requests of a composite request. OpenAPI v8.0.
	Response          *SubResponse `json:"response,omitempty"`
	Regex             string       `json:"regex,omitempty"`
	Reference         string       `json:"reference,omitempty"`
	RestrictedHeaders []string     `json:"restricted_headers,omitempty"`
	RestrictedParams  []string     `json:"restricted_params,omitempty"`
	Indexes           []int        `json:"sub_request_indexes,omitempty"`
	SubVersion        int          `json:"sub_request_version,omitempty"`
	CompositeVersion  int          `json:"composite_request_version,omitempty"`

	// COQL. OpenAPI v8.0, executeCOQLQuery.
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

// A DuplicateRecord is the record that has a value already.
type DuplicateRecord struct {
	ID     string    `json:"id"`
	Owner  OwnerRef  `json:"Owner"`
	Module ModuleRef `json:"module"`
}

// An OwnerRef names the owner of a record.
type OwnerRef struct {
	Name json.RawMessage `json:"name"`
	ID   string          `json:"id"`
	ZUID string          `json:"zuid"`
}

// A ModuleRef names a module.
type ModuleRef struct {
	APIName string `json:"api_name"`
	ID      string `json:"id"`
}

// A Ref names a parameter or a field of the request.
type Ref struct {
	ParamName string `json:"param_name,omitempty"`
	APIName   string `json:"api_name,omitempty"`
	JSONPath  string `json:"json_path,omitempty"`
}

// A SubResponse is the answer to a sub-request. Its body is null for 204: by the earlier OpenAPI v8.0 the key exists
// and is nullable, and no sample lacks it.
type SubResponse struct {
	Headers map[string]string `json:"headers"`
	Status  int               `json:"status_code"`
	Body    json.RawMessage   `json:"body"`
}

// Success returns the result of an item that went well.
func Success(id, message string) Result {
	return Result{Code: "SUCCESS", Details: Details{ID: id}, Message: message, Status: "success"}
}

// Failure returns the result of an item that failed.
func Failure(code, message string, d Details) Result {
	return Result{Code: code, Details: d, Message: message, Status: "error"}
}

// Invalid returns the failure of a value that has the wrong type or names nothing.
func Invalid(name, path, expected string) *Result {
	return new(Failure("INVALID_DATA", "invalid data",
		Details{APIName: name, JSONPath: path, ExpectedDataType: expected}))
}

// Mandatory returns the failure of a key that is missing.
func Mandatory(name, path string) *Result {
	return new(Failure("MANDATORY_NOT_FOUND", "required field not found", Details{APIName: name, JSONPath: path}))
}

// Package samples holds a small org and the files that the README uses. The profile emulator begins with the org.
package samples

import _ "embed"

// Org is the org of the samples, in the JSON that rolecall emulate --seed takes.
//
//go:embed org.json
var Org []byte

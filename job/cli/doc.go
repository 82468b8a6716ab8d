// Package cli is the command line: flags in, a job run, an exit code out.
//
// What is data goes to stdout or to files; what is said to people goes to stderr. Messages have no capital at the start and no full stop at the end, name what failed and why,
// and end with what to type next. There is no animation off a terminal, and NO_COLOR is honoured: nothing is coloured.
package cli

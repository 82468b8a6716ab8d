// Package cli is the command line. A command turns its flags into a run and its result into an exit code.
//
// Data goes to stdout or to files. Messages for people go to stderr. A message has no capital at the start and no full
// stop at the end. It names what failed and why, and ends with what to type next. Only a terminal gets animations.
// Nothing is coloured, so NO_COLOR needs no code.
package cli

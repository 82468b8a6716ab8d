// Package disk is what jobs keep on disk: a database that one process at a time holds, a log, and files that appear whole or not at all. Everything in it is readable by its owner only.
package disk

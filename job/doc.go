// Package job is what people run: the stages of a run, and each job built on them.
//
// A run moves the deal, contact and role triples of one file to one Zoho org, in three stages, each of which streams, can be stopped and can be started again:
//
//	read -> resolve -> store -> batch -> call -> store -> write
//	csvio   job        run.db   job      api     run.db   csvio
//
// The file names of this package follow that line. Survey (read.go, resolve.go) turns the whole input into rows of run.db before any call. Call (batch.go, call.go,
// settle.go, record.go) sends what is pending, deal by deal, and appends the outcomes. Write (write.go) makes results.csv and its companions from the input and the
// outcomes, in input order. A run lives in a folder of its own (package rundir), and everything that resume needs is in there.
//
// A row's failure is data: it never ends a run. What ends one before its end is a [Stop].
package job

// Package job runs jobs. A Kind declares a job: what its table looks like, how a row becomes a request, which rows go
// in one call, how an answer becomes an outcome. The engine does everything else: reading, run.db, the run's folder,
// sign-in, price, stops, resume, repeats, results, summary.
//
// A run has these stages. Each streams, and each can be stopped and resumed:
//
//	survey -> resolve or list -> price -> look -> guard -> call -> finish -> write
//
// Survey (survey.go) turns the input into rows of run.db before any call. Resolve (resolve.go) completes the rows with
// what only the org knows, such as role ids. A job without an input lists its rows instead. Price returns the cost of
// the rows. Look (ahead.go) reads the state before for all rows, if the job or a dry run wants that. The guards and the
// question to the user come before the first write. Call (call.go, key.go) sends the open rows by phase and key. Finish
// checks what can be known only after the last call. Write (write.go) makes the files, in input order.
//
// A failed row never ends a run. Only a Stop ends a run early.
package job

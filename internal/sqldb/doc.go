// Package sqldb opens the SQLite databases of the module, all with the same
// promises: what a committed transaction wrote survives a power cut (WAL with
// synchronous=FULL, and a full flush of the drive on macOS), foreign keys hold,
// and several processes may use one file (they wait for each other up to five
// seconds).
//
// [Open] brings the schema up to date from numbered migrations. Transactions
// begun with [database/sql.DB.BeginTx] take the write lock at once, so that a
// read inside one can be relied on when it writes; begin with
// [database/sql.TxOptions].ReadOnly for a snapshot that blocks nobody.
//
// [FailureOf] says what a failure of SQLite means to a person: disk full, file
// damaged, or disk broken.
package sqldb

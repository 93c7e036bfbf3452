package sqldb

import (
	"errors"

	"modernc.org/sqlite"
)

// ErrNewerSchema says that the file was written by a newer build. Nothing in it
// was touched.
var ErrNewerSchema = errors.New("the database was written by a newer version")

// Failure is what an error of the database means to a person.
type Failure int

// The failures.
const (
	// NoFailure: the error is nil, or not one of SQLite.
	NoFailure Failure = iota
	// Full: there is no space left. It works again when there is.
	Full
	// Damaged: the file is not a database any more.
	Damaged
	// Busy: another process held the file for longer than the busy timeout.
	Busy
	// Broken: the disk did not do what it was asked, or any other failure.
	Broken
)

// Result codes of SQLite (https://www.sqlite.org/rescode.html). The low byte of
// an extended code is its primary code.
const (
	primaryMask     = 0xff
	resultBusy      = 5
	resultLocked    = 6
	resultCorrupt   = 11
	resultFull      = 13
	resultNotADB    = 26
	resultWriteFail = 778 // a limit on file sizes, or a full share, says this
)

// FailureOf says what err, returned by a call on the database, means.
func FailureOf(err error) Failure {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return NoFailure
	}
	if e.Code() == resultWriteFail {
		return Full
	}
	switch e.Code() & primaryMask {
	case resultFull:
		return Full
	case resultCorrupt, resultNotADB:
		return Damaged
	case resultBusy, resultLocked:
		return Busy
	default:
		return Broken
	}
}

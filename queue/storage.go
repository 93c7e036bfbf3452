package queue

import (
	"errors"

	"fieldpay/action"
	"fieldpay/internal/sqldb"
)

// storageError turns a failure of the database into the error that a person
// sees: the disk is full, the disk failed, the journal is damaged. Errors that
// carry a code already stay as they are.
func storageError(op string, err error) error {
	if err == nil {
		return nil
	}
	if _, known := errors.AsType[*action.Error](err); known {
		return err
	}
	code := action.StorageFailed
	switch sqldb.FailureOf(err) {
	case sqldb.Full:
		code = action.DiskFull
	case sqldb.Damaged:
		code = action.JournalDamaged
	case sqldb.NoFailure, sqldb.Busy, sqldb.Broken:
	}
	if errors.Is(err, sqldb.ErrNewerSchema) {
		return &action.Error{
			Code: action.UpdateNeeded, Op: op, Cause: err,
			Message: "The journal was written by a newer FieldPay. Update FieldPay; nothing was changed",
		}
	}
	return &action.Error{Code: code, Message: code.Message(), Op: op, Cause: err}
}

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"fieldpay/bff"
)

const requestColumns = "action_id, invoice_id, amount, currency, object_id, url, asked_at, try, tried_at, paid_at"

// Ask implements bff.PaymentRequests.
func (s *Store) Ask(ctx context.Context, r bff.PaymentRequest) (bff.PaymentRequest, error) {
	stored, err := readRequest(s.db.QueryRowContext(ctx, `
		INSERT INTO payment_requests (action_id, invoice_id, amount, currency, asked_at, try, tried_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (action_id) DO UPDATE SET tried_at = iif(excluded.try > try, excluded.tried_at, tried_at), try = max(excluded.try, try)
		RETURNING `+requestColumns, r.ActionID, r.InvoiceID, r.Amount, r.Currency, nanos(r.AskedAt), r.Try, nanos(r.TriedAt)))
	if err != nil {
		return bff.PaymentRequest{}, fmt.Errorf("storing a payment request: %w", err)
	}
	return stored, nil
}

// Request implements bff.PaymentRequests.
func (s *Store) Request(ctx context.Context, actionID string) (bff.PaymentRequest, bool, error) {
	stored, err := readRequest(s.db.QueryRowContext(ctx, "SELECT "+requestColumns+" FROM payment_requests WHERE action_id = ?", actionID))
	if errors.Is(err, sql.ErrNoRows) {
		return bff.PaymentRequest{}, false, nil
	}
	if err != nil {
		return bff.PaymentRequest{}, false, fmt.Errorf("reading a payment request: %w", err)
	}
	return stored, true, nil
}

// Answered implements bff.PaymentRequests.
func (s *Store) Answered(ctx context.Context, actionID, objectID, url string) error {
	_, err := s.db.ExecContext(ctx, "UPDATE payment_requests SET object_id = ?, url = ? WHERE action_id = ?", objectID, url, actionID)
	if err != nil {
		return fmt.Errorf("storing the answer to a payment request: %w", err)
	}
	return nil
}

// Paid implements bff.PaymentRequests.
func (s *Store) Paid(ctx context.Context, actionID string, at time.Time) error {
	_, err := s.db.ExecContext(ctx, "UPDATE payment_requests SET paid_at = ? WHERE action_id = ? AND paid_at = 0", nanos(at), actionID)
	if err != nil {
		return fmt.Errorf("storing that a payment request was paid: %w", err)
	}
	return nil
}

func readRequest(row *sql.Row) (bff.PaymentRequest, error) {
	var r bff.PaymentRequest
	var asked, tried, paid int64
	err := row.Scan(&r.ActionID, &r.InvoiceID, &r.Amount, &r.Currency, &r.ObjectID, &r.URL, &asked, &r.Try, &tried, &paid)
	r.AskedAt, r.TriedAt, r.PaidAt = moment(asked), moment(tried), moment(paid)
	return r, err
}

package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldpay/action"
	"fieldpay/bff"
)

const requestColumns = "action_id, invoice_id, amount, currency, object_id, url, asked_at, try, tried_at, paid_at"

// Ask implements bff.PaymentRequests.
func (s *Store) Ask(ctx context.Context, r bff.PaymentRequest) (bff.PaymentRequest, error) {
	stored, err := readRequest(s.pool.QueryRow(ctx, `
		INSERT INTO payment_requests AS known (action_id, invoice_id, amount, currency, asked_at, try, tried_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (action_id) DO UPDATE SET try = greatest(excluded.try, known.try),
			tried_at = CASE WHEN excluded.try > known.try THEN excluded.tried_at ELSE known.tried_at END
		RETURNING `+requestColumns,
		kept(r.ActionID), kept(r.InvoiceID), r.Amount, kept(string(r.Currency)), nanos(r.AskedAt), r.Try, nanos(r.TriedAt)))
	if err != nil {
		return bff.PaymentRequest{}, fmt.Errorf("storing a payment request: %w", err)
	}
	return stored, nil
}

// Request implements bff.PaymentRequests.
func (s *Store) Request(ctx context.Context, actionID string) (bff.PaymentRequest, bool, error) {
	stored, err := readRequest(s.pool.QueryRow(ctx, "SELECT "+requestColumns+" FROM payment_requests WHERE action_id = $1", kept(actionID)))
	if errors.Is(err, pgx.ErrNoRows) {
		return bff.PaymentRequest{}, false, nil
	}
	if err != nil {
		return bff.PaymentRequest{}, false, fmt.Errorf("reading a payment request: %w", err)
	}
	return stored, true, nil
}

// Answered implements bff.PaymentRequests.
func (s *Store) Answered(ctx context.Context, actionID, objectID, url string) error {
	_, err := s.change(ctx, "storing the answer to a payment request",
		"UPDATE payment_requests SET object_id = $2, url = $3 WHERE action_id = $1", kept(actionID), kept(objectID), kept(url))
	return err
}

// Paid implements bff.PaymentRequests.
func (s *Store) Paid(ctx context.Context, actionID string, at time.Time) error {
	_, err := s.change(ctx, "storing that a payment request was paid",
		"UPDATE payment_requests SET paid_at = $2 WHERE action_id = $1 AND paid_at = 0", kept(actionID), nanos(at))
	return err
}

func readRequest(row pgx.Row) (bff.PaymentRequest, error) {
	var r bff.PaymentRequest
	var currency string
	var asked, tried, paid int64
	err := row.Scan(&r.ActionID, &r.InvoiceID, &r.Amount, &currency, &r.ObjectID, &r.URL, &asked, &r.Try, &tried, &paid)
	r.ActionID, r.InvoiceID, r.Currency = told(r.ActionID), told(r.InvoiceID), action.Currency(told(currency))
	r.ObjectID, r.URL = told(r.ObjectID), told(r.URL)
	r.AskedAt, r.TriedAt, r.PaidAt = moment(asked), moment(tried), moment(paid)
	return r, err
}

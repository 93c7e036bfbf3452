package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Head returns the newest link of the journal; the zero point for an empty one.
func (j *Journal) Head(ctx context.Context) (ChainPoint, error) {
	var position int64
	var mac []byte
	err := j.db.QueryRowContext(ctx, `SELECT position, mac FROM entry ORDER BY position DESC LIMIT 1`).Scan(&position, &mac)
	if errors.Is(err, sql.ErrNoRows) {
		return ChainPoint{}, nil
	}
	if err != nil {
		return ChainPoint{}, fmt.Errorf("reading the newest entry: %w", err)
	}
	return point(position, mac), nil
}

package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/postgres"
)

// Invariant 13: what a step costs does not grow with history. The connections
// plan their statements while the tables are empty, and keep these plans.
func TestStore_History(t *testing.T) {
	const history, steps = 3000, 20
	url := server.Database(t)
	s, err := postgres.Open(t.Context(), postgres.Options{URL: url + "&application_name=history", MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	round := func(id string) {
		c := visit(id, "lane of "+id)
		c.Action.Replaces = "before " + id
		begin(t, s, c, "w", func(e bff.Entry) {
			_, err := s.Entries(t.Context(), []string{id, "nobody's"})
			check(t, err)
			_, err = s.Ends(t.Context(), []string{id, c.Action.Replaces})
			check(t, err)
			_, err = s.Heads(t.Context(), []string{c.Lane})
			check(t, err)
			out := action.AppliedOutcome(id, "a01", 1, time.Now())
			if !record(t, s, bff.Result{ID: id, Token: e.Lease.Token, Outcome: out, Effect: true}) {
				t.Errorf("%s was fenced", id)
			}
		})
	}
	for n := range 10 {
		round(fmt.Sprint("early ", n))
	}
	for n := range history / 500 {
		claims := make([]bff.Claim, 500)
		for i := range claims {
			id := fmt.Sprintf("history %d %d", n, i)
			claims[i] = visit(id, "lane of "+id)
		}
		_, err := s.Claim(t.Context(), claims)
		check(t, err)
	}
	for n := range steps {
		round(fmt.Sprint("late ", n))
	}
	// A connection tells its counts at the latest when it ends.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if rows := rowsRead(t, url); rows > 2*history {
		t.Errorf("%d steps beside %d entries read %d rows", steps, history, rows)
	}
}

// rowsRead is how many rows of the ledger were read, once all connections of the
// test have ended.
func rowsRead(t *testing.T, url string) (rows int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for left := 1; left > 0; {
		err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'history'").Scan(&left)
		if err != nil {
			t.Fatal(err)
		}
	}
	err = conn.QueryRow(t.Context(), `SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables
		WHERE relname = 'entries' AND schemaname = current_schema`).Scan(&rows)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

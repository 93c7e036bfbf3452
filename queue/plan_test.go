package queue_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"fieldpay/action"
	"fieldpay/queue"
	"fieldpay/queue/queuetest"
)

// TestJournal_queries is invariant 13 as SQLite sees it: no query of the daily
// work reads through the tables that grow with history, or sorts them.
func TestJournal_queries(t *testing.T) {
	j := journal(t)
	livePastEverything(t, j)
	statements := queue.Statements(j)
	if len(statements) < 25 {
		t.Fatalf("only %d statements were used", len(statements))
	}
	for _, query := range statements {
		for _, step := range planOf(t, j, query) {
			scan := strings.HasPrefix(step, "SCAN ") && !strings.Contains(step, "INDEX action_open") &&
				!strings.Contains(step, "INDEX action_stops") && !isSmall(step)
			// One record, or what is wrong at the moment, may be put in order.
			few := strings.Contains(query, "a.lane = ?") || strings.Contains(query, "a.stops")
			if scan || strings.Contains(step, "TEMP B-TREE") && !few {
				t.Errorf("%s\n  %s", query, step)
			}
		}
	}
}

// isSmall reports whether a scan is of a table that does not grow.
func isSmall(step string) bool {
	for _, table := range []string{"device", "tally", "CONSTANT ROW"} {
		if strings.HasPrefix(step, "SCAN "+table) {
			return true
		}
	}
	return false
}

// livePastEverything makes the journal use its queries: what each kind of call
// does, and what it meets.
func livePastEverything(t *testing.T, j *queue.Journal) {
	t.Helper()
	ctx := context.Background()
	server := queuetest.NewServer()
	first := keep(t, j, invoice("inv-1", 100))
	keep(t, j, payment("inv-1", 100, "usd"), first.ID)
	bad := keep(t, j, visit("acc-1"))
	server.Decide(func(a action.Action) action.Outcome {
		if a.ID == bad.ID {
			return action.FailureOutcome(a.ID, &action.Error{Code: action.UnknownAccount}, a.CreatedAt)
		}
		return action.AppliedOutcome(a.ID, "sf", 1, a.CreatedAt)
	})
	r, err := queue.NewReplay(queue.ReplayOptions{Journal: j, Sender: server, Prober: server, LockPath: filepath.Join(t.TempDir(), "lock"), Rand: half})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Once(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Replace(ctx, bad.ID, queue.Draft{Payload: visit("acc-2")}); err != nil {
		t.Fatal(err)
	}
	keep(t, j, payment("inv-1", 100, "usd"), first.ID)
	for _, f := range []queue.Filter{{}, {Unsent: true}, {Lane: "invoice:inv-1"}, {States: []queue.State{queue.Failed, queue.Review}}, {States: []queue.State{queue.Applied}, Lane: "invoice:inv-1"}} {
		if _, err := j.List(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := j.History(ctx, first.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Counts(ctx); err != nil {
		t.Fatal(err)
	}
	if err := j.Export(ctx, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
}

func planOf(t *testing.T, j *queue.Journal, query string) []string {
	t.Helper()
	if strings.HasPrefix(query, "PRAGMA") || strings.HasPrefix(query, "BEGIN") || query == "COMMIT" || query == "ROLLBACK" {
		return nil
	}
	// The plan does not depend on the values.
	rows, err := queue.DB(j).Query("EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

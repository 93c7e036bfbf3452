package queue_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fieldpay/queue"
)

var update = flag.Bool("update", false, "write the files that are made from code")

func TestTransitions(t *testing.T) {
	table := queue.Transitions()
	t.Run("every state is reached from the start", func(t *testing.T) {
		reached := map[queue.State]bool{"": true}
		for range table {
			for _, move := range table {
				reached[move.To] = reached[move.To] || reached[move.From]
			}
		}
		for _, s := range queue.States() {
			if !reached[s] {
				t.Errorf("%s cannot be reached", s)
			}
		}
	})
	t.Run("a closed state is left by nothing, an open one by something", func(t *testing.T) {
		for _, s := range queue.States() {
			left := slices.ContainsFunc(table, func(move queue.Transition) bool { return move.From == s })
			if left != s.Open() {
				t.Errorf("%s: open is %v, but a move out of it exists: %v", s, s.Open(), left)
			}
		}
	})
	t.Run("no move stands twice, and what is not in the table is not allowed", func(t *testing.T) {
		for i, move := range table {
			if slices.Contains(table[:i], move) {
				t.Errorf("%v stands twice", move)
			}
			if !queue.Allowed(move.From, move.Cause, move.To) {
				t.Errorf("%v is in the table and not allowed", move)
			}
		}
		if queue.Allowed(queue.Applied, queue.WasSent, queue.Sending) || queue.Allowed(queue.Waiting, queue.WasEdited, queue.Superseded) {
			t.Error("a move outside the table is allowed")
		}
	})
	t.Run("what may have reached the server cannot be edited or discarded until it is settled", func(t *testing.T) {
		for _, s := range []queue.State{queue.Sending, queue.Unconfirmed, queue.Waiting, queue.Accepted} {
			if queue.Allowed(s, queue.WasEdited, queue.Superseded) || queue.Allowed(s, queue.WasDiscarded, queue.Discarded) {
				t.Errorf("%s can be taken back", s)
			}
		}
	})
}

// docs/states.md is made from the table: go test ./queue -run StatesPage -update
func TestStatesPage(t *testing.T) {
	path := filepath.Join("..", "docs", "states.md")
	want := statesPage()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/states.md is not what the table says: go test ./queue -run StatesPage -update")
	}
}

func statesPage() string {
	var b strings.Builder
	b.WriteString("# The life of an action on the device\n\n" +
		"Made from the one table in `queue/transition.go` by `go test ./queue -run StatesPage -update`; do not edit.\n" +
		"Every move is a row of the journal's chain. A move that is not here cannot happen.\n\n```mermaid\nstateDiagram-v2\n")
	name := func(s queue.State) string { return strings.ReplaceAll(string(s), "-", "_") }
	drawn := map[string]bool{}
	for _, move := range queue.Transitions() {
		from := name(move.From)
		if move.From == "" {
			from = "[*]"
		}
		line := fmt.Sprintf("    %s --> %s: %s\n", from, name(move.To), move.Cause)
		if !drawn[line] {
			drawn[line] = true
			b.WriteString(line)
		}
	}
	for _, s := range queue.States() {
		if !s.Open() {
			fmt.Fprintf(&b, "    %s --> [*]\n", name(s))
		}
	}
	b.WriteString("```\n\n| state | open | unsent | holds its lane back | needs a person |\n|---|---|---|---|---|\n")
	mark := func(yes bool) string {
		if yes {
			return "yes"
		}
		return ""
	}
	for _, s := range queue.States() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", s, mark(s.Open()), mark(s.Unsent()), mark(s.Blocks()), mark(s.NeedsPerson()))
	}
	b.WriteString("\n| from | cause | to |\n|---|---|---|\n")
	for _, move := range queue.Transitions() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", move.From, move.Cause, move.To)
	}
	b.WriteString("\nA pending action that waits for an earlier one of its lane, or for one that it needs, is shown as `held`; its row says `pending`,\n" +
		"because nothing but the other action has to move for it to go.\n")
	return b.String()
}

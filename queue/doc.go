// Package queue is the device's memory of what people did, and what carries it
// to the server.
//
// A [Journal] keeps actions: [Journal.Append] returns when an action survives a
// power cut, [Journal.List], [Journal.Item] and [Journal.History] show what has
// become of it, and [Journal.Replace], [Journal.Retry] and [Journal.Discard] are
// what a person can decide. It is one SQLite file. Every action and every change
// of state is one row of a chain that is only appended to, linked by a MAC and
// sealed where it holds what people typed; [Journal.Verify] notices every row
// that was changed, lost or put back. Any number of processes may append.
//
// A [Replay] sends. It asks a [Prober] whether the server is there, hands batches
// to a [Sender], and settles each action by itself, in the order of its lane, the
// record it belongs to. What cannot be sent now stays and goes by itself later;
// what was sent and not answered is asked for, never repeated under another id.
// One process of the device replays at a time.
//
// The moves between states are one table, [Transitions], drawn in docs/states.md.
// The package knows no transport: package app hands it one. Package queuetest has
// a server in memory for tests.
package queue

// Package hop proves the table of failures over real sockets: the journal, the
// client and the server as they ship, and between them a proxy of TCP that fails
// in every way of the table, at each stage of a request. It has tests only.
//
// The stages: before anything reaches the server, in the middle of the request,
// after the server has applied it, and in the middle of the reply. Whatever
// happens, an action keeps its id, its state says what is known of it, a person
// is told why, and in the end it has one effect.
//
// Nothing waits for time to pass: a failure lasts until the test lifts it. What
// depends on time (how long a wait is, when a probe comes) is proved in virtual
// time by packages queue and simulate.
package hop

// Package simulate runs the whole of FieldPay in virtual time, through whole
// days of trouble in milliseconds, and checks what came of it.
//
// One seed makes one schedule: what people do on one to three devices, what the
// network, the disks and the servers do to them, and when. Everything between
// the person's hand and the row in Salesforce is the code that ships: journal
// and replay on SQLite (over a disk that loses power), the client, one or two
// servers over one store, both adapters. In place of sockets there is a wire
// that loses, delays, cuts, repeats and forges; in place of Salesforce and
// Stripe there is the sandbox. Then the faults stop, and everything must drain.
//
// A model that shares no code with the server says what must be there: each
// action that was acknowledged, at most one effect of it, exactly one where the
// device says "applied", effects in the order of their lane, equal sums on
// device, ledger and sandbox, nothing lost and nothing given up without a
// person's decision, and an end to it all within a bound.
//
//	go test ./internal/simulate                          as many as there is time for
//	FIELDPAY_SIMULATE=long go test -timeout 0 -run TestSchedules ./internal/simulate
//	FIELDPAY_SIMULATE_SCHEDULES=1000 go test -timeout 0 -run TestSchedules ./internal/simulate
//	FIELDPAY_SIMULATE_SEED=42 go test -v -run TestSeed ./internal/simulate
//
// The last one replays one schedule and prints it step by step: a seed makes the
// same steps each time, as long as nobody changes the code between. So a bug
// that a seed has found gets a unit test where it was mended.
package simulate

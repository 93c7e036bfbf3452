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
// In some schedules a mishap happens to the first device: the office locks it
// out for a while, its journal is put back from an older copy, another process
// of it comes and goes over the same journal, its clock is set ahead and back by
// minutes, hours and days. Half of the schedules sign their requests. A night
// turns everything off for longer than Stripe remembers a key, with a charge
// under way. Every rare event is counted, and must come up.
//
// Three schedules of five let their servers gather, as in production: what comes
// at one moment goes together, and invoices share a call of Salesforce. What is
// gathered lingers for a microsecond there (bff.ProcessorOptions.Linger), so
// that it is not chance who comes in time. The rest set Apart: each change has a
// moment of its own, which brings out other orders.
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
//
// A schedule takes some 60 ms of a core (November 2026): two fifths in the
// journals, most of it SQLite as Go; a fifth in the servers, a fifth in the
// sandbox and the wire, a sixth in JSON all over. No part of it stands out any
// more, so 20,000 take twelve minutes of two cores: see decision 27. What was waste
// and is gone: journals made anew for each schedule, a second copy of each file
// of the disk, a compressor for each batch, a new goroutine with a stack to grow
// for each call, traces in words that nobody reads. A collector that waits for
// more garbage does not help: the caches are worth more.
package simulate

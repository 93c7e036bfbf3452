// Package proof shows what the journal of package queue promises when the
// machine below it does not keep its own: the power goes at any disk operation,
// the disk fails or is full, the file was damaged or changed, the process is
// killed, and in the main job the server's too. It has tests only.
//
// The short form is part of make test; with the race detector it is shorter
// still. The long form, make test-long, runs
//
//	FIELDPAY_PROOF_TIMES=200 FIELDPAY_PROOF_FROM=7 go test -timeout 0 ./internal/proof
//
// 200 times as many seeds (a million power cuts), from the one after 7 on, so
// that several nights do not repeat each other.
//
// A failure prints its seed and the steps that led to it. To see it again:
//
//	FIELDPAY_PROOF_SEED=4711 go test -run 'TestPowerCut' ./internal/proof
package proof

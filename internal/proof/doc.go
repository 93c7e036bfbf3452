// Package proof shows what the journal of package queue promises when the
// machine below it does not keep its own: the power goes at any disk operation,
// the disk fails or is full, the file was damaged or changed, the process is
// killed. It has tests only.
//
// The short form is part of every test run; with the race detector it is
// shorter still. The long form takes hours:
//
//	FIELDPAY_PROOF_LONG=1 go test -timeout 0 -run PowerCut ./internal/proof
//
// runs 200 times as many seeds (a million power cuts); another number N runs N
// times 200. Each long run continues where FIELDPAY_PROOF_FROM says, so that
// several nights do not repeat each other.
//
// A failure prints its seed and the steps that led to it. To see it again:
//
//	FIELDPAY_PROOF_SEED=4711 go test -run 'TestPowerCut' ./internal/proof
package proof

// Package bff is the server that stands between FieldPay's devices and the
// systems of record: it takes what people did, applies each act exactly once to
// Salesforce and Stripe, and tells what came of it.
//
// The package holds the rules and the HTTP face; everything outside is behind a
// port. [CRM] and [Payments] are implemented by packages salesforce and
// stripepay, the store ports ([Ledger], [Sessions], …) by packages sqlite and
// memory, which pass the contract suite of package storetest.
//
// A [Processor] owns the ledger: it claims actions durably, applies them lane by
// lane and resumes whatever a crash left behind. A [Server] is the HTTP handler
// of the contract in package api.
package bff

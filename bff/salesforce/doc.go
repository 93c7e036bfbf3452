// Package salesforce is the BFF's way into Salesforce: the CRM of package bff
// over Salesforce's own REST API.
//
// New takes the org's login address and the server's client credentials; every
// method of bff.CRM is on the Client. There is one file per noun, named as on
// the other layers.
//
// What it promises:
//
//   - An effect happens at most once. Each record that an action makes carries
//     the action's id in a unique External ID and is inserted, never upserted:
//     a repeat is refused by the org with DUPLICATE_VALUE, and is then answered
//     by reading back what stands there, so later edits of the office stay.
//   - An effect is whole. An invoice and its lines are one graph, a change and
//     its ledger row one transaction.
//   - Every answer is an *action.Error or a result; the table is in error.go.
//     No text of a record and no text of Salesforce's is in an error or a log.
package salesforce

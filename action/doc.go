// Package action is the domain of FieldPay: what a person meant to do, as a
// typed value that can be stored on a device, sent to the server any number of
// times, and applied there once.
//
// An [Action] is an envelope around a [Payload]. There is one file per type of
// payload (invoice_create.go, payment_record.go, …); the same noun names the
// file on every other layer. [Decode] turns a stored or received envelope into
// its payload and [Parse] also runs the rules that hold on both ends, so a device
// and the server can never disagree about what is valid or what it sums to.
//
// What came of an action is an [Outcome]. Its [Class] decides the treatment and
// its [Code] names the reason; every failure in the module is an [Error] with
// such a code.
//
// The package does no I/O, keeps no state and knows no other package of the
// module.
package action

// Package bffclient is the device's one way to the server: sign-in, the probe,
// sending actions and asking for their outcomes, and the reference data that
// forms need.
//
// Make a [Client] with [New]. Every error it returns is an *action.Error, whose
// code says what happened on the way: nothing was sent (action.Offline), the
// network is not what it claims to be (action.Portal, action.UnsafeNetwork), it
// was sent and the answer was lost (action.AnswerLost), or the server itself
// answered with a code. The table is in failure.go.
//
// An answer counts only when it came over verified TLS (plain HTTP is taken
// from this very machine alone), carries our protocol header and media type,
// and names exactly what was asked. Anything else acknowledges nothing.
//
// Tokens live in a [TokenSource] and are stored before they are used. They are
// renewed shortly before they end, and once after the server refused them, by
// one caller for all. A renewal that fails on the way signs nobody out.
package bffclient

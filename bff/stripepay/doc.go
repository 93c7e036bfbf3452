// Package stripepay is the BFF's way to Stripe: the Payments of package bff
// over stripe-go.
//
// New takes the secret key; every method of bff.Payments is on the Client, and
// Chargeable says beforehand what Stripe would refuse of an amount.
//
// What it promises:
//
//   - Every write carries the idempotency key that the caller gave. The schedule
//     of retries is the server's, with one exception: a failure that Stripe has
//     filed under the key, and would repeat for a day, is looked into and tried
//     once more under another; see rescue.
//   - An intent is made unconfirmed, so its id can be stored before any money
//     moves; it can succeed only once.
//   - A webhook event counts only if Stripe signed its very bytes, a few minutes
//     ago at most, and not in the future.
//   - Every error is an *action.Error; the table is in error.go. No text of
//     Stripe's, no key and no client secret is in an error.
package stripepay

// Package story tells what a salesperson goes through, as scripts that one can
// read, run by the real programs: fieldpayctl on the device, fieldpay-bff in
// the office with its sandbox behind it, and a network in between that can be
// taken away.
//
// A story is a file in testdata, run by testscript. Its words:
//
//	bff start | stop | kill     the server, its data kept in between
//	offline | online            takes the network between device and server away
//	answers lost | kept         the server gets every batch, its answers are lost
//	sign-in $SALESPERSON $PASSWORD
//	app start | stop | kill     the app itself, which sends by itself
//	invoice NAME for ACCOUNT in CURRENCY 'QUANTITY x PRICE TEXT' …
//	cash AMOUNT for NAME as NAME
//	link AMOUNT for NAME as NAME
//	customer pays NAME          at the page that the link leads to
//	visit ACCOUNT as NAME 'NOTE'
//	sync [offline | needs-a-person | sign-in]
//	expect state NAME STATE     within half a minute
//	expect unsent NUMBER
//	expect journal whole        every link of its chain holds
//	expect salesforce NAME once [total AMOUNT] [paid AMOUNT]
//	expect salesforce NUMBER invoices | payments | visits more
//
// Each story is told of three offices: one as it comes, one that takes the sandbox
// for the real Salesforce and Stripe (with keys of its own, a webhook that an
// operator registered, and people and devices that the office let in), and one
// that keeps everything in PostgreSQL.
//
// Names are the story's own; amounts are written as people write them.
package story

// Package smoke tests the real window: the built fieldpay, unchanged, under a
// display of its own, against the built fieldpay-bff.
//
// The tests stand behind the build tag "window", because they need the programs
// (make build), Xvfb, a session bus and WebKitWebDriver:
//
//	make build && go test -tags window ./internal/smoke
//
// A production window does not let itself be driven. testdata/automation.c is
// compiled by the test and loaded before the program: it makes the one web view
// that the window asks for a view that WebKitWebDriver may steer. Nothing of it
// is in what is shipped.
package smoke

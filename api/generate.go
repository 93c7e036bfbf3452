// Package api is the contract between a device and the BFF: openapi.yaml and
// what ogen makes of it. Every other file of the package is generated; a test
// regenerates them and compares.
//
// The golden pairs in examples/ are read by the tests of the client, of the
// server and of the contract.
package api

//go:generate go tool ogen --config ogen.yml --target . --package api --clean openapi.yaml

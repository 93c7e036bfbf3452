// Package browserhost serves the screens and the bridge to a browser on the
// same machine: for machines without a desktop, for browser kiosks, and for
// end-to-end tests. The page is the one of the window, with a small script in
// front that stands in for the window's own objects (window.go and
// window.runtime).
//
// The host listens on loopback alone and trusts nothing that reaches it there,
// because every program and every web page on the machine can: a one-time token
// in the printed address is exchanged for a cookie that scripts cannot read and
// other sites cannot send; the Host and Origin of each request must be its own;
// and no body is read past a limit.
//
//	host, err := browserhost.New(browserhost.Options{Bridge: bridge, Events: events})
//	ln, err := net.Listen("tcp", "127.0.0.1:0")
//	fmt.Println(host.Address(ln.Addr()))
//	err = host.Serve(ctx, ln) // until ctx ends
package browserhost

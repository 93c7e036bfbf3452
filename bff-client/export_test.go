package bffclient

// Inner parts that tests look at.
var (
	ParseRetryAfter = parseRetryAfter
	NewTransport    = newTransport
	RefuseRemote    = refuseRemote
)

// DecodeProblem turns the body of an error answer into an error, as a call
// does; false says that the body is not one of ours.
func DecodeProblem(body []byte, status int) (error, bool) {
	p, ok := decodeProblem(body)
	return happening{sent: true, ours: ok, status: status, problem: p}.error("testing"), ok
}

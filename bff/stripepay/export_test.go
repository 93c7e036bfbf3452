package stripepay

// TreatedCodes are the codes of Stripe that the table of treatments names.
func TreatedCodes() []string {
	codes := make([]string, len(treatments))
	for i, t := range treatments {
		codes[i] = string(t.stripe)
	}
	return codes
}

package salesforce

// TreatedCodes are the codes of Salesforce that the table of treatments names.
func TreatedCodes() []string {
	codes := make([]string, len(treatments))
	for i, t := range treatments {
		codes[i] = t.salesforce
	}
	return codes
}

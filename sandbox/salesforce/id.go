package salesforce

import "strings"

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// pod stands where a real id names the server it was made on.
const pod = "FP0"

// newID makes the 18-character id of the n-th record of an object. Ids of one object sort by age.
func newID(prefix string, n int64) string {
	var tail [9]byte
	for i := len(tail) - 1; i >= 0; i-- {
		tail[i] = base62[n%62]
		n /= 62
	}
	short := prefix + pod + string(tail[:])
	return short + checksum(short)
}

// checksum is the suffix that makes a 15-character id safe where case is lost: one character per five, its bits
// saying which of them are upper case.
func checksum(short string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	var out [3]byte
	for block := range out {
		bits := 0
		for i := range 5 {
			if c := short[block*5+i]; c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		out[block] = alphabet[bits]
	}
	return string(out[:])
}

// longID turns a well-formed id of 15 or 18 characters into the long form.
func longID(id string) (string, bool) {
	if len(id) != 15 && len(id) != 18 {
		return "", false
	}
	if strings.Trim(id, base62) != "" {
		return "", false
	}
	short := id[:15]
	return short + checksum(short), true
}

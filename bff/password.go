package bff

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of a password: OWASP's first choice for argon2id (19 MiB, two
// passes, one lane), about 30 ms here.
const (
	argonMemory  = 19 << 10
	argonPasses  = 2
	argonLanes   = 1
	argonKeySize = 32
	saltSize     = 16
)

// HashPassword returns the argon2id hash of a password in its standard text
// form, with a fresh salt.
func HashPassword(password string) string {
	salt := randomBytes(saltSize)
	key := argon2.IDKey([]byte(password), salt, argonPasses, argonMemory, argonLanes, argonKeySize)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, argonMemory, argonPasses, argonLanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// passwordFits reports whether a password belongs to a hash of HashPassword. A
// hash of another form or of an unreasonable cost fits nothing.
func passwordFits(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var version, memory, passes, lanes int
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &passes, &lanes); err != nil {
		return false
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	want, wantErr := base64.RawStdEncoding.DecodeString(parts[5])
	sane := version == argon2.Version && memory > 0 && memory <= 1<<20 && passes > 0 && passes <= 16 && lanes > 0 && lanes <= 16
	if !sane || saltErr != nil || wantErr != nil || len(want) == 0 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, uint32(passes), uint32(memory), uint8(lanes), uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

// randomBytes never fails: crypto/rand ends the program rather than return
// anything guessable.
func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

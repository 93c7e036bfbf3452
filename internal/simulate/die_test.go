package simulate_test

import (
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
)

// die draws numbers that depend on the seed and on what is asked, never on who
// asked before: goroutines may ask in any order, and a seed still replays.
type die uint64

// of draws for the n-th time something happens.
func (d die) of(n int, what ...string) uint64 {
	h := fnv.New64a()
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], uint64(d))
	binary.LittleEndian.PutUint64(b[8:], uint64(n))
	_, _ = h.Write(b[:]) // a hash never fails
	for _, w := range what {
		_, _ = h.Write([]byte(w))
		_, _ = h.Write([]byte{0})
	}
	return mix(h.Sum64())
}

// mix spreads the bits of FNV, whose high ones hardly depend on the last byte.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// share draws from [0, 1).
func (d die) share(n int, what ...string) float64 {
	return float64(d.of(n, what...)>>11) / (1 << 53)
}

// span draws a time from [least, most), to the nanosecond, so that hardly two
// things happen at one moment.
func (d die) span(least, most time.Duration, n int, what ...string) time.Duration {
	return least + time.Duration(d.of(n, what...)%uint64(most-least))
}

// id draws a UUID.
func (d die) id(n int, what ...string) string {
	var u uuid.UUID
	binary.BigEndian.PutUint64(u[:8], d.of(n, append(what, "high")...))
	binary.BigEndian.PutUint64(u[8:], d.of(n, append(what, "low")...))
	u[6], u[8] = u[6]&0x0f|0x70, u[8]&0x3f|0x80 // version 7
	return u.String()
}

// jitter is the random source of a replay or a processor: it depends on the
// moment alone.
func (d die) jitter(who string) func() float64 {
	return func() float64 { return d.share(int(time.Now().UnixNano()), "jitter", who) }
}

// random is a sequence, for plans that are made in one go.
func (d die) random(what string) *rand.Rand {
	return rand.New(rand.NewPCG(d.of(0, what), d.of(1, what)))
}

package crashfs

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// twin is a file that keeps what programs read and what is sure to survive as
// two copies.
type twin struct {
	now, durable []byte
	unsynced     []change
}

func (w *twin) change(c change) {
	w.now = c.apply(slices.Clone(w.now))
	w.unsynced = append(w.unsynced, c)
}

func (w *twin) sync() {
	for _, c := range w.unsynced {
		w.durable = c.apply(slices.Clone(w.durable))
	}
	w.unsynced = nil
}

func TestInode(t *testing.T) {
	t.Run("knows what is sure to survive, whatever was written, cut and forgotten", func(t *testing.T) {
		for seed := range uint64(500) {
			random := rand.New(rand.NewPCG(seed, 3))
			file, want := &inode{}, &twin{}
			for range 60 {
				c := change{at: random.Int64N(300)}
				switch random.IntN(12) {
				case 0:
					file.sync()
					want.sync()
				case 1:
					file.forget()
					want.unsynced = nil
				case 2, 3:
					c.cut = true
					file.change(c)
					want.change(c)
				default:
					c.data = bytes.Repeat([]byte{byte(random.IntN(255) + 1)}, 1+random.IntN(40))
					file.change(c)
					want.change(c)
				}
				if !bytes.Equal(file.now, want.now) || !bytes.Equal(file.durable(), want.durable) {
					t.Fatalf("seed %d: %q and %q, want %q and %q", seed, file.now, file.durable(), want.now, want.durable)
				}
			}
		}
	})
}

package crashfs

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// sector is what a drive writes as a whole or not at all.
const sector = 512

// change is a write, or a truncation, that was not synced yet.
type change struct {
	at   int64
	data []byte
	cut  bool // the file ends at at
}

// inode is one file, whatever its name.
type inode struct {
	now      []byte // what programs read
	durable  []byte // what is sure to survive a power cut
	unsynced []change
	users    []*handle
	regions  []uintptr // shared memory of the WAL index
}

func (n *inode) change(c change) {
	n.now = c.apply(n.now)
	n.unsynced = append(n.unsynced, c)
}

func (n *inode) sync() {
	for _, c := range n.unsynced {
		n.durable = c.apply(n.durable)
	}
	n.unsynced = nil
}

func (c change) apply(to []byte) []byte {
	if c.cut {
		return to[:min(int64(len(to)), c.at)]
	}
	if end := int(c.at) + len(c.data); end > len(to) {
		grown := slices.Grow(to, end-len(to))[:end]
		clear(grown[len(to):]) // capacity may hold what a truncation cut off
		to = grown
	}
	copy(to[c.at:], c.data)
	return to
}

// store is what lies on the disk: files, and the folder that names them.
type store struct {
	random *rand.Rand
	folder map[string]*inode
	// saved is the folder as of its last sync.
	saved map[string]*inode
}

func newStore(seed uint64) store {
	return store{
		random: rand.New(rand.NewPCG(seed, 0x6669656c64706179)),
		folder: map[string]*inode{}, saved: map[string]*inode{},
	}
}

func (s *store) syncFolder() { s.saved = maps.Clone(s.folder) }

// lose decides what of the unsynced is left.
func (s *store) lose() {
	names := maps.Clone(s.saved)
	maps.Copy(names, s.folder)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		survivor := s.folder[name]
		if before := s.saved[name]; before != survivor && s.random.IntN(2) == 0 {
			survivor = before
		}
		if survivor == nil {
			delete(s.folder, name)
			continue
		}
		s.folder[name] = survivor
		s.loseWrites(survivor)
	}
	s.syncFolder()
}

// loseWrites keeps nothing, a beginning, any selection, or all of the writes.
func (s *store) loseWrites(n *inode) {
	fate, kept := s.random.IntN(4), s.random.IntN(len(n.unsynced)+1)
	for i, c := range n.unsynced {
		switch {
		case fate == 0, fate == 1 && i > kept:
		case fate == 1 && i == kept, fate == 2 && s.random.IntN(4) == 0:
			for _, part := range s.tear(c) {
				n.durable = part.apply(n.durable)
			}
		case fate == 2 && s.random.IntN(2) == 0:
		default:
			n.durable = c.apply(n.durable)
		}
	}
	n.unsynced = nil
	n.now = slices.Clone(n.durable)
}

// tear keeps some sectors of a write.
func (s *store) tear(c change) []change {
	var parts []change
	for at := 0; at < len(c.data); {
		end := min(len(c.data), at+sector-int((c.at+int64(at))%sector))
		if s.random.IntN(2) == 0 {
			parts = append(parts, change{at: c.at + int64(at), data: c.data[at:end]})
		}
		at = end
	}
	return parts
}

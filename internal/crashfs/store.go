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
	// size was the length of the file before, and was what the change took away:
	// what stood where it wrote, or behind where it cut.
	size int
	was  []byte
}

// inode is one file, whatever its name. What is sure to survive a power cut is
// what programs read, without the unsynced changes: almost every write is synced
// soon, so that it is cheaper to take back some than to keep a second copy.
type inode struct {
	now      []byte // what programs read
	unsynced []change
	// apart is what is sure to survive once a sync that failed has forgotten
	// writes: from then on what programs read says nothing about it. Else nil.
	apart   []byte
	users   []*handle
	regions []uintptr // shared memory of the WAL index
}

func (n *inode) change(c change) {
	c.size = len(n.now)
	from, to := min(int(c.at), c.size), min(int(c.at)+len(c.data), c.size)
	if c.cut {
		to = c.size
	}
	c.was = slices.Clone(n.now[from:to])
	n.now = c.apply(n.now)
	n.unsynced = append(n.unsynced, c)
}

func (n *inode) sync() {
	if n.apart != nil {
		for _, c := range n.unsynced {
			n.apart = c.apply(n.apart)
		}
	}
	clear(n.unsynced)
	n.unsynced = n.unsynced[:0]
}

// forget makes that the unsynced changes are never synced, though programs read
// them.
func (n *inode) forget() { n.apart, n.unsynced = n.durable(), nil }

// durable returns what is sure to survive a power cut.
func (n *inode) durable() []byte {
	if n.apart != nil {
		return slices.Clone(n.apart)
	}
	is := append([]byte{}, n.now...)
	for _, c := range slices.Backward(n.unsynced) {
		is = c.undo(is)
	}
	return is
}

func (c change) apply(to []byte) []byte {
	if c.cut {
		return to[:min(int64(len(to)), c.at)]
	}
	to = reach(to, int(c.at)+len(c.data))
	copy(to[c.at:], c.data)
	return to
}

// undo is the reverse of apply.
func (c change) undo(to []byte) []byte {
	to = reach(to, c.size)[:c.size]
	copy(to[min(int(c.at), c.size):], c.was)
	return to
}

// leastFile is what a file gets at its first write.
const leastFile = 64 << 10

// reach lengthens a file with zeros. It doubles what it takes: a log grows by a
// page at a time.
func reach(file []byte, end int) []byte {
	if end <= len(file) {
		return file
	}
	if end > cap(file) {
		larger := make([]byte, end, max(end, 2*cap(file), leastFile))
		copy(larger, file)
		return larger
	}
	grown := file[:end]
	clear(grown[len(file):]) // capacity may hold what a truncation cut off
	return grown
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
	durable := n.durable()
	for i, c := range n.unsynced {
		switch {
		case fate == 0, fate == 1 && i > kept:
		case fate == 1 && i == kept, fate == 2 && s.random.IntN(4) == 0:
			for _, part := range s.tear(c) {
				durable = part.apply(durable)
			}
		case fate == 2 && s.random.IntN(2) == 0:
		default:
			durable = c.apply(durable)
		}
	}
	n.now, n.unsynced, n.apart = durable, nil, nil
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

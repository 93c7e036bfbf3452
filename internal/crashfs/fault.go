package crashfs

// Op is a kind of disk operation, or several of them.
type Op uint8

// The operations that count, and that a fault can hit.
const (
	Open Op = 1 << iota
	Read
	Write
	Truncate
	Sync
	Delete
	// Share grows the memory that the connections of one file share. It needs
	// space on a real disk.
	Share
	// Any is all of them.
	Any Op = 1<<iota - 1
)

// Kind is what goes wrong.
type Kind int

// The kinds of fault.
const (
	// PowerCut: the operation is cut off half way, and all later ones fail until
	// Restore.
	PowerCut Kind = iota + 1
	// IOError: the operation fails.
	IOError
	// DiskFull: operations that need more space fail.
	DiskFull
)

// Fault says what goes wrong, and when.
type Fault struct {
	Kind Kind
	// At is the number of the operation, counted from Plan and from 1.
	At int
	// On limits the operations that are counted and hit. Default: Any.
	On Op
	// Lasting keeps it up until Heal; else it hits once.
	Lasting bool
}

// Strike is the operation that a fault struck first.
type Strike struct {
	Op Op
	// File is the name of the file, empty for one without a name.
	File string
}

// verdict is what becomes of one operation.
type verdict int

const (
	done  verdict = iota
	dying         // cut off half way, and the power is off
	dead          // the power is off
	failing
	full
)

// trouble counts operations and decides about each.
type trouble struct {
	plan              Fault
	total, seen, hits int
	first             Strike
	off               bool
}

func (t *trouble) step(op Op, file string, grows bool) verdict {
	if t.off {
		return dead
	}
	t.total++
	if t.plan.Kind == 0 || op&t.plan.On == 0 {
		return done
	}
	t.seen++
	if t.seen < t.plan.At || t.hits > 0 && !t.plan.Lasting || t.plan.Kind == DiskFull && !grows {
		return done
	}
	if t.hits++; t.hits == 1 {
		t.first = Strike{Op: op, File: file}
	}
	switch t.plan.Kind {
	case PowerCut:
		t.off = true
		return dying
	case DiskFull:
		return full
	default:
		return failing
	}
}

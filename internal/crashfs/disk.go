package crashfs

import (
	"fmt"
	"slices"
	"sync"
)

// Disk is one disk. Its methods may be called from any goroutine.
type Disk struct {
	mu      sync.Mutex
	name    string
	store   store
	trouble trouble
	handles map[uintptr]*handle
	driver  driver
}

// handle is one open file.
type handle struct {
	file *inode
	name string // empty for a file without a name
	// temporary: the file goes with the handle.
	temporary bool
	// syncFolder: the next sync also syncs the folder.
	syncFolder bool
	// level is the handle's lock on the file, the masks those on the WAL index.
	level             int32
	shared, exclusive uint32
	mapped            bool
}

// New makes an empty disk, whose losses depend on the seed, and registers it
// with SQLite. The caller closes it.
func New(seed uint64) (*Disk, error) {
	d := &Disk{store: newStore(seed), handles: map[uintptr]*handle{}}
	d.name = fmt.Sprintf("crashfs-%p", d)
	if err := d.register(); err != nil {
		return nil, fmt.Errorf("registering a disk: %w", err)
	}
	return d, nil
}

// Name is what SQLite knows the disk by.
func (d *Disk) Name() string { return d.name }

// Close takes the disk from SQLite. Every database on it must be closed before.
func (d *Disk) Close() error {
	if err := d.idle(); err != nil {
		return fmt.Errorf("closing a disk: %w", err)
	}
	return d.unregister()
}

func (d *Disk) idle() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := len(d.handles); n > 0 {
		return fmt.Errorf("%d of its files are open", n)
	}
	return nil
}

// Plan replaces what goes wrong and starts to count operations anew.
func (d *Disk) Plan(f Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f.On == 0 {
		f.On = Any
	}
	d.trouble = trouble{plan: f, off: d.trouble.off}
}

// Heal ends a fault other than a power cut.
func (d *Disk) Heal() { d.Plan(Fault{}) }

// Hits returns how often the fault has struck since Plan.
func (d *Disk) Hits() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.trouble.hits
}

// Struck returns where the fault struck first since Plan; the zero value where it
// did not.
func (d *Disk) Struck() Strike {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.trouble.first
}

// Operations returns how many operations were begun since Plan.
func (d *Disk) Operations() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.trouble.total
}

// Cut takes the power away now, between two operations.
func (d *Disk) Cut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.trouble.off = true
}

// Restore brings the power back: what was not synced is lost as the seed
// decides. The databases of before must be closed; closing them while the power
// is off changes nothing.
func (d *Disk) Restore() error {
	if err := d.idle(); err != nil {
		return fmt.Errorf("restoring power: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.store.lose()
	d.trouble = trouble{}
	return nil
}

// Put makes a file with this content, durable at once.
func (d *Disk) Put(name string, content []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.store.folder[name] = &inode{now: slices.Clone(content)}
	d.store.syncFolder()
}

// Files returns the content of every file as programs read it.
func (d *Disk) Files() map[string][]byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	files := map[string][]byte{}
	for name, n := range d.store.folder {
		files[name] = slices.Clone(n.now)
	}
	return files
}

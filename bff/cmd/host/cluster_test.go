package host_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/rs/zerolog"

	"fieldpay/bff/cmd/host"
	"fieldpay/bff/postgres/pgtest"
)

// serverConfig in the environment makes this program a server instead of tests.
// So a test can kill a real process without building one first.
const serverConfig = "FIELDPAY_TEST_SERVER_CONFIG"

// database is started by the first test that wants one.
var database = pgtest.New()

func TestMain(m *testing.M) {
	if config := os.Getenv(serverConfig); config != "" {
		os.Exit(serve(config))
	}
	os.Exit(database.Main(m))
}

// serve is what the program fieldpay-bff does. It ends with the tests, however
// they end: they hold the other end of its standard input.
func serve(config string) int {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	var c host.Config
	err := json.Unmarshal([]byte(config), &c)
	if err == nil {
		err = host.Run(ctx, c, zerolog.New(os.Stderr))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// instance is a server in a process of its own.
type instance struct {
	command *exec.Cmd
	stdin   io.Closer // kept open: see serve
	address string
	ended   chan error
	log     *strings.Builder // complete when ended has an answer
}

func startInstance(c host.Config) (*instance, error) {
	config, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	i := &instance{command: exec.Command(os.Args[0]), ended: make(chan error, 1), log: &strings.Builder{}}
	i.command.Env = append(os.Environ(), serverConfig+"="+string(config))
	if i.stdin, err = i.command.StdinPipe(); err != nil {
		return nil, err
	}
	log, err := i.command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := i.command.Start(); err != nil {
		return nil, err
	}
	ready := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(log)
		for lines.Scan() {
			var said struct{ Message, Address string }
			if json.Unmarshal(lines.Bytes(), &said) == nil && said.Message == "ready" {
				ready <- said.Address
			}
			i.log.WriteString(lines.Text() + "\n")
		}
		i.ended <- i.command.Wait()
	}()
	select {
	case i.address = <-ready:
		return i, nil
	case err := <-i.ended:
		return nil, fmt.Errorf("the server ended: %w\n%s", err, i.log)
	}
}

// end ends the process by a signal and waits for it.
func (i *instance) end(s os.Signal) error {
	if err := i.command.Process.Signal(s); err != nil {
		return err
	}
	err := <-i.ended
	if s == os.Kill {
		return nil
	}
	return err
}

// cluster is servers over one store behind a balancer that knows nothing of
// them but their addresses.
type cluster struct {
	config   host.Config
	listener net.Listener
	copies   sync.WaitGroup

	mu        sync.Mutex
	instances []*instance
}

func startCluster(t *testing.T, c host.Config, size int) *cluster {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := &cluster{config: c, listener: listener, instances: make([]*instance, size)}
	t.Cleanup(func() { k.close(t) })
	var work sync.WaitGroup
	for slot := range size {
		work.Go(func() {
			if err := k.start(slot); err != nil {
				t.Errorf("starting server %d: %v", slot, err)
			}
		})
	}
	work.Wait()
	if t.Failed() {
		t.FailNow()
	}
	k.copies.Go(k.balance)
	return k
}

func (k *cluster) start(slot int) error {
	i, err := startInstance(k.config)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.instances[slot] = i
	return nil
}

func (k *cluster) close(t *testing.T) {
	t.Helper()
	if err := k.listener.Close(); err != nil {
		t.Error(err)
	}
	for _, i := range k.instances {
		if i == nil {
			continue
		}
		if err := i.end(syscall.SIGTERM); err != nil {
			t.Errorf("a server that was told to end: %v\n%s", err, i.log)
		}
	}
	k.copies.Wait()
}

func (k *cluster) url() string { return "http://" + k.listener.Addr().String() }

// replace ends some server by a signal and starts another in its place.
func (k *cluster) replace(s os.Signal) error {
	slot := rand.IntN(len(k.instances))
	k.mu.Lock()
	old := k.instances[slot]
	k.mu.Unlock()
	if err := old.end(s); err != nil {
		return fmt.Errorf("ending a server by %v: %w\n%s", s, err, old.log)
	}
	return k.start(slot)
}

// balance hands each connection to some server that takes it.
func (k *cluster) balance() {
	for {
		in, err := k.listener.Accept()
		if err != nil {
			return
		}
		k.copies.Go(func() { k.forward(in) })
	}
}

func (k *cluster) forward(in net.Conn) {
	defer in.Close()
	for _, slot := range rand.Perm(len(k.instances)) {
		k.mu.Lock()
		address := k.instances[slot].address
		k.mu.Unlock()
		out, err := net.Dial("tcp", address)
		if err != nil {
			continue
		}
		// Whichever end goes, the other goes with it.
		var both sync.WaitGroup
		for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
			both.Go(func() {
				_, err := io.Copy(way[0], way[1])
				_ = errors.Join(err, in.Close(), out.Close())
			})
		}
		both.Wait()
		return
	}
}
